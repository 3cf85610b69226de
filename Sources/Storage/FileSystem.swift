/// What the pipeline needs from a storage: a local directory has it, and so has HDFS.
///
/// All calls are consistent: what one call did, every later call of every client sees. A call without an answer throws
/// `StorageError` with the code `answerLost`, and the caller finds out what happened. A call may hold its thread for
/// as long as its system calls take: one for each entry of a page, each level of new directories, each piece that a
/// read comes in. Forcing to the disk, which takes longest, holds no thread of the callers.
package protocol FileSystem: Sendable {
    /// Creates a file that did not exist, and the directories above it. It may be visible only once it is closed.
    ///
    /// - Throws: `StorageError` with the code `alreadyExists` if the name is taken.
    func create(_ path: StoragePath) async throws(StorageError) -> any FileWriter

    /// Opens a file for reading.
    ///
    /// - Throws: `StorageError` with the code `notFound` if nothing has this name, `isADirectory` or `notAFile` if it
    ///   is not a file.
    func open(_ path: StoragePath) async throws(StorageError) -> any FileReader

    /// What is known about a name; `nil` if nothing has it.
    func status(of path: StoragePath) async throws(StorageError) -> FileStatus?

    /// The entries that lie directly in a directory; none if it does not exist.
    func pages(of directory: StoragePath) async throws(StorageError) -> any DirectoryPages

    /// Deletes a file or an empty directory.
    ///
    /// - Returns: Whether there was one.
    func delete(_ path: StoragePath) async throws(StorageError) -> Bool

    /// Gives a file another name in one atomic step and never replaces what has that name. Makes the directories above
    /// the new name.
    ///
    /// - Returns: `true` if this call did it; `false` if nothing was changed, because the target exists or the source
    ///   does not.
    func rename(_ source: StoragePath, to target: StoragePath) async throws(StorageError) -> Bool

    /// Makes a directory and those above it; does nothing if it exists.
    func createDirectory(_ path: StoragePath) async throws(StorageError)

    /// Makes the names in a directory survive a power cut, including those that other processes made.
    func persistNames(in directory: StoragePath) async throws(StorageError)
}

/// A file that is being written, from its creation to its end; it has no other writer.
///
/// Bytes go to the file system as they come, so callers pass large pieces, not single records.
/// A writer is used by one task at a time.
package protocol FileWriter: Sendable {
    /// Appends `bytes`, which are read before the call returns.
    ///
    /// - Throws: `StorageError`; the only call that is still allowed is then `abandon()`.
    func write(_ bytes: RawSpan) async throws(StorageError)

    /// Ends the file and checks that the file system holds as many bytes as were written.
    ///
    /// - Returns: The length in bytes.
    /// - Throws: `StorageError`, with the code `wrongLength` if the file is not whole.
    func close() async throws(StorageError) -> Int64

    /// Closes a file that is not needed any more; what is there of it stays until it is deleted. Never fails, may be
    /// repeated.
    func abandon() async
}

/// A file that is open for reading, at any offset; a read that begins where the one before ended continues it.
///
/// A reader is used by one task at a time. Its file stays open until `close()`, or until the reader is released; where a
/// storage knows no open files, one that was deleted or renamed meanwhile is not found.
package protocol FileReader: Sendable {
    /// How many bytes the file had when it was opened.
    var length: Int64 { get }

    /// Reads bytes from `offset` into `buffer`.
    ///
    /// - Returns: How many bytes were read: fewer than the buffer holds only if the file ends.
    func read(from offset: Int64, into buffer: inout MutableRawSpan) async throws(StorageError) -> Int

    /// Closes the file. May be repeated.
    func close() async
}

/// The entries of a directory, in pages, so that a large directory takes no more memory than a small one.
///
/// The order is not specified. An entry that is made, renamed or deleted meanwhile may be missing or present; entries
/// that fit into one page are listed in one step.
package protocol DirectoryPages: Sendable {
    /// The next entries, at most `DirectoryLimits.pageEntries`; none after the last page.
    func next() async throws(StorageError) -> [FileStatus]
}

/// Bounds of listing.
package enum DirectoryLimits {
    /// The most entries of a page.
    package static let pageEntries = 1_000
}

/// What a file system tells about one name.
package struct FileStatus: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case file, directory
        /// A symbolic link. Its status is not that of its target, but reading its name reads the target.
        case link
        /// A pipe, a socket or a device.
        case other
    }

    package let path: StoragePath
    package let kind: Kind
    /// The length in bytes; 0 for anything but a file.
    package let length: Int64

    package var isDirectory: Bool { kind == .directory }

    package init(path: StoragePath, kind: Kind, length: Int64) {
        self.path = path
        self.kind = kind
        self.length = length
    }
}

extension FileSystem {
    /// Does nothing: for a storage that answers only when names are durable.
    package func persistNames(in directory: StoragePath) async throws(StorageError) {}

    /// Reads up to `count` bytes of a file from `offset`; fewer only if the file ends.
    package func read(_ path: StoragePath, from offset: Int64, count: Int) async throws(StorageError) -> [UInt8] {
        let file = try await open(path)
        do throws(StorageError) {
            let bytes = try await file.read(from: offset, count: count)
            await file.close()
            return bytes
        } catch {
            await file.close()
            throw error
        }
    }

    /// Reads a small file whole.
    ///
    /// - Throws: `StorageError` with the code `tooLarge` if it has more than `bytesMax` bytes.
    package func read(_ path: StoragePath, bytesMax: Int) async throws(StorageError) -> [UInt8] {
        let bytes = try await read(path, from: 0, count: bytesMax + 1)
        guard bytes.count <= bytesMax else {
            throw StorageError(.tooLarge, .read, path.description, "it has more than \(bytesMax) bytes")
        }
        return bytes
    }

    /// Writes a small file whole: creates it, writes, closes, and checks its length.
    package func write(_ bytes: [UInt8], to path: StoragePath) async throws(StorageError) {
        let file = try await create(path)
        do {
            try await file.write(bytes.span.bytes)
            _ = try await file.close()
        } catch {
            await file.abandon()
            throw error
        }
    }

    /// All entries that lie directly in a directory, in no particular order: for directories that are small by design.
    package func list(_ directory: StoragePath) async throws(StorageError) -> [FileStatus] {
        let pages = try await pages(of: directory)
        var found: [FileStatus] = []
        while true {
            let page = try await pages.next()
            if page.isEmpty { return found }
            found += page
        }
    }

    /// Calls `body` with each file below a directory, at any depth, in no particular order. Names that `skips` returns
    /// `true` for are left out, with everything below them.
    package func forEachFile(
        under directory: StoragePath,
        skips: (String) -> Bool = { _ in false },
        _ body: (FileStatus) -> Void
    ) async throws(StorageError) {
        var open = [directory]
        while let next = open.popLast() {
            let pages = try await pages(of: next)
            while true {
                let page = try await pages.next()
                if page.isEmpty { break }
                for status in page where !skips(status.path.name) {
                    if status.isDirectory { open.append(status.path) } else { body(status) }
                }
            }
        }
    }

    /// All files below a directory, at any depth, in the order of their paths. Names that `skips` returns `true` for
    /// are left out, with everything below them.
    package func files(
        under directory: StoragePath,
        skips: (String) -> Bool = { _ in false }
    ) async throws(StorageError) -> [FileStatus] {
        var found: [FileStatus] = []
        try await forEachFile(under: directory, skips: skips) { found.append($0) }
        return found.sorted { $0.path < $1.path }
    }
}

extension FileReader {
    /// Reads up to `count` bytes from `offset`; fewer only if the file ends.
    package func read(from offset: Int64, count: Int) async throws(StorageError) -> [UInt8] {
        let left = Int(clamping: max(0, length - offset))
        var bytes = [UInt8](repeating: 0, count: min(count, left))
        if bytes.isEmpty { return bytes }
        var span = bytes.mutableSpan
        var buffer = span.mutableBytes
        let got = try await read(from: offset, into: &buffer)
        bytes.removeLast(bytes.count - got)
        return bytes
    }
}
