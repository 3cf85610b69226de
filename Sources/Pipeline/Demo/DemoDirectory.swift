import Files
import SystemPackage

/// The directory of a demo: each demo begins with an empty one, and empties only what a demo has made.
///
///     <data>/
///       .hera-demo    a demo made this directory; it stays while what a demo makes goes, so that a demo that was
///                     interrupted leaves a directory the next one can empty. A pipeline that is run here takes it away:
///                     from then on the events are its user's
///       .lock         held while a demo runs
package struct DemoDirectory {
    static let marker = ".hera-demo"

    let path: String
    private let disk = Disk()

    package init(path: String) {
        self.path = path
    }

    /// Makes a demo's directory a pipeline's: from now on no demo empties it.
    ///
    /// - Returns: whether it was a demo's.
    /// - Throws: where a demo is at work in it.
    @discardableResult
    package func adopt() throws -> Bool {
        let root = FilePath(path)
        guard disk.exists(root.appending(Self.marker)) else { return false }
        let lock = try DirectoryLock(root)
        defer { withExtendedLifetime(lock) {} }
        try disk.remove(root.appending(Self.marker))
        // A power cut must not bring it back: the next demo would remove what came in since.
        try disk.synchronizeDirectory(root)
        return true
    }

    /// Makes the directory, or empties it where it is an earlier demo's, and runs `body` while it is locked.
    ///
    /// - Throws: ``DemoError`` where something else is in it; `FileError` where another demo or pipeline is at work in
    ///   it; what `body` throws.
    func whileHeld<Result>(_ body: () async throws -> Result) async throws -> Result {
        let lock = try hold()
        defer { withExtendedLifetime(lock) {} }
        try empty()
        return try await body()
    }

    /// Takes the directory before anything in it is touched.
    private func hold() throws -> DirectoryLock {
        let root = FilePath(path)
        try disk.makeDirectory(root)
        let names = try disk.names(in: root)
        guard names.contains(Self.marker) || names.allSatisfy({ $0 == DirectoryLock.fileName }) else {
            throw DemoError.directoryInUse(path)
        }
        let lock = try DirectoryLock(root)
        let words = "What the demo made in here is removed by the next `hera demo --data \(path)`.\n"
        try disk.replace(root.appending(Self.marker), with: Array(words.utf8), durably: false)
        return lock
    }

    private func empty() throws(FileError) {
        let ingestor = FilePath(PipelinePaths(data: path).ingestor)
        // A pipeline that runs on what an earlier demo left would lose its files while it uses them.
        let inner = disk.exists(ingestor) ? try DirectoryLock(ingestor) : nil
        defer { withExtendedLifetime(inner) {} }
        for directory in PipelinePaths(data: path).all { try disk.removeTree(FilePath(directory)) }
    }
}
