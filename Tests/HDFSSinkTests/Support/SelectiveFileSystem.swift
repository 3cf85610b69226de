import Storage
import Synchronization

/// A file system on which calls about some paths fail, for as long as a test wants it.
final class SelectiveFileSystem: FileSystem {
    private let base: any FileSystem
    private let failure: @Sendable (String) -> StorageError.Code?
    private let broken = Mutex(true)

    var isBroken: Bool {
        get { broken.withLock { $0 } }
        set { broken.withLock { $0 = newValue } }
    }

    init(_ base: any FileSystem, _ failure: @escaping @Sendable (String) -> StorageError.Code?) {
        self.base = base
        self.failure = failure
    }

    func check(_ operation: StorageError.Operation, _ path: StoragePath) throws(StorageError) {
        guard isBroken, let code = failure(path.string) else { return }
        throw StorageError(code, operation, path.string, "a fault of the test")
    }

    func create(_ path: StoragePath) async throws(StorageError) -> any FileWriter {
        try check(.create, path)
        return Writer(base: try await base.create(path), path: path, files: self)
    }

    func read(_ path: StoragePath, from offset: Int64, count: Int) async throws(StorageError) -> [UInt8] {
        try check(.read, path)
        return try await base.read(path, from: offset, count: count)
    }

    func status(of path: StoragePath) async throws(StorageError) -> FileStatus? {
        try check(.stat, path)
        return try await base.status(of: path)
    }

    func list(_ directory: StoragePath) async throws(StorageError) -> [FileStatus] {
        try check(.list, directory)
        return try await base.list(directory)
    }

    func delete(_ path: StoragePath) async throws(StorageError) -> Bool {
        try check(.delete, path)
        return try await base.delete(path)
    }

    func rename(_ source: StoragePath, to target: StoragePath) async throws(StorageError) -> Bool {
        try check(.rename, source)
        return try await base.rename(source, to: target)
    }

    func persistNames(in directory: StoragePath) async throws(StorageError) {
        try check(.synchronize, directory)
        try await base.persistNames(in: directory)
    }

    func createDirectory(_ path: StoragePath) async throws(StorageError) {
        try check(.createDirectory, path)
        try await base.createDirectory(path)
    }

    private struct Writer: FileWriter {
        let base: any FileWriter
        let path: StoragePath
        let files: SelectiveFileSystem

        func write(_ bytes: [UInt8]) async throws(StorageError) {
            try files.check(.write, path)
            try await base.write(bytes)
        }

        func close() async throws(StorageError) -> Int64 {
            try files.check(.close, path)
            return try await base.close()
        }

        func abandon() async { await base.abandon() }
    }
}

/// A file system that counts the files of data that are open for writing.
final class CountingFileSystem: FileSystem {
    private struct State {
        var open = 0
        var failsClose = false
    }

    private let base: any FileSystem
    private let state = Mutex(State())

    init(_ base: any FileSystem) {
        self.base = base
    }

    var open: Int { state.withLock { $0.open } }
    /// Whether closing a file of data fails.
    var failsClose: Bool {
        get { state.withLock { $0.failsClose } }
        set { state.withLock { $0.failsClose = newValue } }
    }

    func create(_ path: StoragePath) async throws(StorageError) -> any FileWriter {
        let writer = try await base.create(path)
        guard path.name.hasPrefix("data-") else { return writer }
        state.withLock { $0.open += 1 }
        return Writer(base: writer, path: path, files: self)
    }

    private func ended() { state.withLock { $0.open -= 1 } }

    func read(_ path: StoragePath, from offset: Int64, count: Int) async throws(StorageError) -> [UInt8] {
        try await base.read(path, from: offset, count: count)
    }

    func status(of path: StoragePath) async throws(StorageError) -> FileStatus? { try await base.status(of: path) }

    func list(_ directory: StoragePath) async throws(StorageError) -> [FileStatus] { try await base.list(directory) }

    func delete(_ path: StoragePath) async throws(StorageError) -> Bool { try await base.delete(path) }

    func rename(_ source: StoragePath, to target: StoragePath) async throws(StorageError) -> Bool {
        try await base.rename(source, to: target)
    }

    func createDirectory(_ path: StoragePath) async throws(StorageError) { try await base.createDirectory(path) }

    func persistNames(in directory: StoragePath) async throws(StorageError) {
        try await base.persistNames(in: directory)
    }

    /// Its end is counted once, by whichever call comes first.
    private final class Writer: FileWriter {
        private let base: any FileWriter
        private let path: StoragePath
        private let files: CountingFileSystem
        private let isOpen = Mutex(true)

        init(base: any FileWriter, path: StoragePath, files: CountingFileSystem) {
            self.base = base
            self.path = path
            self.files = files
        }

        private func end() {
            let ends = isOpen.withLock { isOpen in
                defer { isOpen = false }
                return isOpen
            }
            if ends { files.ended() }
        }

        func write(_ bytes: [UInt8]) async throws(StorageError) { try await base.write(bytes) }

        func close() async throws(StorageError) -> Int64 {
            if files.failsClose, path.name.hasSuffix("2.json") {
                throw StorageError(.deviceError, .close, path.string, "a fault of the test")
            }
            end()
            return try await base.close()
        }

        func abandon() async {
            end()
            await base.abandon()
        }
    }
}
