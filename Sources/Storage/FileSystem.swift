/// What the pipeline needs from a storage: a local directory and HDFS both have it.
///
/// All calls are consistent: what one call did, every later call of every client sees. Where no answer came, a call
/// throws `StorageError` with the code `answerLost`, and the caller looks for itself. A call may hold its thread for
/// as long as its system calls take: one for each entry of a list, each level of new directories, each piece that a
/// read comes in. Forcing to the disk, which takes longest, holds no thread of the callers.
package protocol FileSystem: Sendable {
    /// Creates a file that did not exist, and the directories above it.
    ///
    /// - Throws: `StorageError` with the code `alreadyExists` where the name is taken.
    func create(_ path: StoragePath) async throws(StorageError) -> any FileWriter

    /// Reads up to `count` bytes from `offset`; fewer only where the file ends.
    func read(_ path: StoragePath, from offset: Int64, count: Int) async throws(StorageError) -> [UInt8]

    /// What is known about a name, `nil` where nothing has it.
    func status(of path: StoragePath) async throws(StorageError) -> FileStatus?

    /// What lies directly in a directory, in no particular order; nothing where the directory does not exist.
    func list(_ directory: StoragePath) async throws(StorageError) -> [FileStatus]

    /// Deletes a file or an empty directory.
    ///
    /// - Returns: Whether there was one.
    func delete(_ path: StoragePath) async throws(StorageError) -> Bool

    /// Gives a file another name in one atomic step and never replaces what has that name.
    ///
    /// - Returns: `true` where this call did it; `false` where nothing was changed, since the target exists or the
    ///   source does not.
    func rename(_ source: StoragePath, to target: StoragePath) async throws(StorageError) -> Bool

    /// Makes a directory and those above it; nothing happens where it exists.
    func createDirectory(_ path: StoragePath) async throws(StorageError)

    /// Makes the names in a directory survive a power cut, also those that other processes made.
    func persistNames(in directory: StoragePath) async throws(StorageError)
}

extension FileSystem {
    /// A storage that answers only for what is durable has nothing to do.
    package func persistNames(in directory: StoragePath) async throws(StorageError) {}

    /// Reads a small file whole.
    ///
    /// - Throws: `StorageError` with the code `tooLarge` where it has more than `bytesMax` bytes.
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
            try await file.write(bytes)
            _ = try await file.close()
        } catch {
            await file.abandon()
            throw error
        }
    }

    /// All files below a directory, at any depth, in the order of their paths. Names that `skips` holds for
    /// are left out with all that lies below them.
    package func files(
        under directory: StoragePath,
        skips: (String) -> Bool = { _ in false }
    ) async throws(StorageError) -> [FileStatus] {
        var found: [FileStatus] = []
        var open = [directory]
        while let next = open.popLast() {
            for status in try await list(next) where !skips(status.path.name) {
                if status.isDirectory { open.append(status.path) } else { found.append(status) }
            }
        }
        return found.sorted { $0.path < $1.path }
    }
}
