package import SystemPackage

/// A new empty directory that goes, with all it then holds, when the last reference to it goes.
///
/// For suites whose tests all need one: a stored property of the suite, made for each test anew.
package final class ScratchDirectory: Sendable {
    package let path: FilePath

    package init() {
        path = TemporaryDirectory.make()
    }

    deinit {
        TemporaryDirectory.remove(path)
    }
}
