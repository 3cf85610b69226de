import Files
import Foundation
import SystemPackage

/// The directory of a demo: each demo begins with an empty one, and empties only what a demo has made.
///
///     <data>/
///       .hera-demo    a demo made this directory; it stays while everything else goes, so that a demo that was
///                     interrupted leaves a directory the next one can empty
///       .lock         held while a demo runs
struct DemoDirectory {
    static let marker = ".hera-demo"

    let path: String

    /// Makes the directory, or empties it where it is an earlier demo's, and runs `body` while it is nobody else's.
    ///
    /// - Throws: ``DemoError`` where something else is in it; `FileError` where another demo or pipeline is at work in it;
    ///   what `body` throws.
    func whileHeld<Result>(_ body: () async throws -> Result) async throws -> Result {
        let lock = try hold()
        defer { withExtendedLifetime(lock) {} }
        try empty()
        return try await body()
    }

    /// Takes the directory before anything in it is touched.
    private func hold() throws -> DirectoryLock {
        let files = FileManager.default
        try files.createDirectory(atPath: path, withIntermediateDirectories: true)
        let names = try files.contentsOfDirectory(atPath: path)
        guard names.contains(Self.marker) || names.allSatisfy({ $0 == DirectoryLock.fileName }) else {
            throw DemoError.directoryInUse(path)
        }
        let lock = try DirectoryLock(FilePath(path))
        try Data("What is in here is removed by the next `hera demo --data \(path)`.\n".utf8)
            .write(to: URL(fileURLWithPath: path + "/" + Self.marker))
        return lock
    }

    private func empty() throws {
        let files = FileManager.default
        let ingestor = PipelinePaths(data: path).ingestor
        // A pipeline that somebody runs on what an earlier demo left would lose its files while it uses them.
        let inner = files.fileExists(atPath: ingestor) ? try DirectoryLock(FilePath(ingestor)) : nil
        defer { withExtendedLifetime(inner) {} }
        for name in try files.contentsOfDirectory(atPath: path)
        where name != Self.marker && name != DirectoryLock.fileName {
            try files.removeItem(atPath: path + "/" + name)
        }
    }
}
