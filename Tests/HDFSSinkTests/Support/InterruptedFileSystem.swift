import Storage
import Synchronization

/// A file system on which something happens just before an operation of a chosen number.
final class InterruptedFileSystem: FileSystem {
    private let base: any FileSystem
    private let number: Int
    private let count = Mutex(0)
    private let interruption: @Sendable () async -> Void

    init(_ base: any FileSystem, at number: Int, _ interruption: @escaping @Sendable () async -> Void) {
        self.base = base
        self.number = number
        self.interruption = interruption
    }

    /// Whether the interruption came, or has begun to.
    var wasInterrupted: Bool { count.withLock { $0 > number } }

    func begin() async {
        let mine = count.withLock { count in
            count += 1
            return count - 1
        }
        if mine == number { await interruption() }
    }

    func create(_ path: StoragePath) async throws(StorageError) -> any FileWriter {
        await begin()
        return InterruptedFileWriter(try await base.create(path), self)
    }

    func read(_ path: StoragePath, from offset: Int64, count: Int) async throws(StorageError) -> [UInt8] {
        await begin()
        return try await base.read(path, from: offset, count: count)
    }

    func status(of path: StoragePath) async throws(StorageError) -> FileStatus? {
        await begin()
        return try await base.status(of: path)
    }

    func list(_ directory: StoragePath) async throws(StorageError) -> [FileStatus] {
        await begin()
        return try await base.list(directory)
    }

    func delete(_ path: StoragePath) async throws(StorageError) -> Bool {
        await begin()
        return try await base.delete(path)
    }

    func createDirectory(_ path: StoragePath) async throws(StorageError) {
        await begin()
        try await base.createDirectory(path)
    }

    func persistNames(in directory: StoragePath) async throws(StorageError) {
        await begin()
        try await base.persistNames(in: directory)
    }

    func rename(_ source: StoragePath, to target: StoragePath) async throws(StorageError) -> Bool {
        await begin()
        return try await base.rename(source, to: target)
    }
}

/// A file of an `InterruptedFileSystem`.
final class InterruptedFileWriter: FileWriter {
    private let base: any FileWriter
    private let files: InterruptedFileSystem

    init(_ base: any FileWriter, _ files: InterruptedFileSystem) {
        self.base = base
        self.files = files
    }

    func write(_ bytes: [UInt8]) async throws(StorageError) {
        await files.begin()
        try await base.write(bytes)
    }

    func close() async throws(StorageError) -> Int64 {
        await files.begin()
        return try await base.close()
    }

    func abandon() async { await base.abandon() }
}
