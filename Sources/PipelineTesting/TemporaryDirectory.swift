import Foundation
public import SystemPackage

/// Runs `body` with a new empty directory and removes it, with all it then holds, when `body` returns or throws.
///
/// Removal itself is best effort: a directory that cannot be removed does not turn a passed test into a failed one.
public func withTemporaryDirectory<Result, Failure: Error>(
    _ body: (FilePath) async throws(Failure) -> Result
) async throws(Failure) -> Result {
    let path = TemporaryDirectory.make()
    defer { TemporaryDirectory.remove(path) }
    return try await body(path)
}

/// As the asynchronous form, for tests that do not wait.
public func withTemporaryDirectory<Result, Failure: Error>(
    _ body: (FilePath) throws(Failure) -> Result
) throws(Failure) -> Result {
    let path = TemporaryDirectory.make()
    defer { TemporaryDirectory.remove(path) }
    return try body(path)
}

enum TemporaryDirectory {
    static func make() -> FilePath {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("hera-\(UUID().uuidString)")
        do {
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        } catch {
            preconditionFailure("a test needs a writable directory for temporary files: \(error)")
        }
        return FilePath(url.path)
    }

    static func remove(_ path: FilePath) {
        try? FileManager.default.removeItem(atPath: path.string)
    }
}

/// A new empty directory that goes, with all it then holds, when the last reference to it goes.
///
/// For suites whose tests all need one: a stored property of the suite, which each test gets its own of.
public final class ScratchDirectory: Sendable {
    public let path: FilePath

    public init() {
        path = TemporaryDirectory.make()
    }

    deinit {
        TemporaryDirectory.remove(path)
    }
}
