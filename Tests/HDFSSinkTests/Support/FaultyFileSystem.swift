import Storage
import Synchronization

/// A file system that fails once, or dies, at an operation of a chosen number.
final class FaultyFileSystem: FileSystem {
    enum Fault: String, CaseIterable, Sendable {
        /// The operation throws that the storage does not serve just now; nothing is done.
        case unavailable
        /// The operation throws that there is no space; nothing is done.
        case noSpace
        /// A rename says `false` and does nothing. Any other operation: as `unavailable`.
        case refused
        /// A rename is done and its answer lost. Any other operation: as `unavailable`.
        case doneAnswerLost
        /// A rename is not done and its answer lost. Any other operation: as `unavailable`.
        case notDoneAnswerLost
        /// This operation and all that follow throw: the writer is dead, or cut off.
        case dead
        /// The operation is done; all that follow throw.
        case deadAfterwards
    }

    private let base: any FileSystem
    private let fault: Fault?
    private let number: Int
    private let count = Mutex(0)

    /// - Parameter number: The operation that fails, from 0.
    init(_ base: any FileSystem, _ fault: Fault? = nil, at number: Int = 0) {
        self.base = base
        self.fault = fault
        self.number = number
    }

    /// How many operations there were.
    var operations: Int { count.withLock { $0 } }

    /// What befalls the operation that begins now.
    private func next() -> Fault? {
        let mine = count.withLock { count in
            count += 1
            return count - 1
        }
        guard let fault, mine >= number else { return nil }
        switch fault {
        case .dead: return .dead
        case .deadAfterwards: return mine == number ? nil : .dead
        default: return mine == number ? fault : nil
        }
    }

    /// Throws what befalls an operation that is no rename.
    func begin(_ operation: StorageError.Operation, _ path: StoragePath) throws(StorageError) {
        guard let fault = next() else { return }
        let code: StorageError.Code = fault == .noSpace ? .noSpace : .unavailable
        throw StorageError(code, operation, path.description, "a fault of the test: \(fault)")
    }

    func create(_ path: StoragePath) async throws(StorageError) -> any FileWriter {
        try begin(.create, path)
        return FaultyFileWriter(try await base.create(path), path, self)
    }

    func read(_ path: StoragePath, from offset: Int64, count: Int) async throws(StorageError) -> [UInt8] {
        try begin(.read, path)
        return try await base.read(path, from: offset, count: count)
    }

    func status(of path: StoragePath) async throws(StorageError) -> FileStatus? {
        try begin(.stat, path)
        return try await base.status(of: path)
    }

    func list(_ directory: StoragePath) async throws(StorageError) -> [FileStatus] {
        try begin(.list, directory)
        return try await base.list(directory)
    }

    func delete(_ path: StoragePath) async throws(StorageError) -> Bool {
        try begin(.delete, path)
        return try await base.delete(path)
    }

    func createDirectory(_ path: StoragePath) async throws(StorageError) {
        try begin(.createDirectory, path)
        try await base.createDirectory(path)
    }

    func persistNames(in directory: StoragePath) async throws(StorageError) {
        try begin(.synchronize, directory)
        try await base.persistNames(in: directory)
    }

    func rename(_ source: StoragePath, to target: StoragePath) async throws(StorageError) -> Bool {
        switch next() {
        case nil: return try await base.rename(source, to: target)
        case .refused: return false
        case .doneAnswerLost:
            _ = try await base.rename(source, to: target)
            throw StorageError(.answerLost, .rename, target.description, "a fault of the test")
        case .notDoneAnswerLost:
            throw StorageError(.answerLost, .rename, target.description, "a fault of the test")
        case .noSpace: throw StorageError(.noSpace, .rename, target.description, "a fault of the test")
        case .unavailable, .dead, .deadAfterwards:
            throw StorageError(.unavailable, .rename, target.description, "a fault of the test")
        }
    }
}

/// A file of a `FaultyFileSystem`.
final class FaultyFileWriter: FileWriter {
    private let base: any FileWriter
    private let path: StoragePath
    private let files: FaultyFileSystem

    init(_ base: any FileWriter, _ path: StoragePath, _ files: FaultyFileSystem) {
        self.base = base
        self.path = path
        self.files = files
    }

    func write(_ bytes: [UInt8]) async throws(StorageError) {
        try files.begin(.write, path)
        try await base.write(bytes)
    }

    func close() async throws(StorageError) -> Int64 {
        try files.begin(.close, path)
        return try await base.close()
    }

    func abandon() async { await base.abandon() }
}
