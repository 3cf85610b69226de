public import SystemPackage

/// A new empty directory that goes, with all it then holds, when the last reference to it goes.
///
/// For suites whose tests all need one: a stored property of the suite, made for each test anew.
public final class ScratchDirectory: Sendable {
    public let path: FilePath

    public init() {
        path = TemporaryDirectory.make()
    }

    deinit {
        TemporaryDirectory.remove(path)
    }
}
