package import Storage
import Synchronization

/// A file system in front of another one, on which a test decides what happens at each operation: it fails, its answer
/// is lost, or something else happens first.
package final class FaultyFileSystem: FileSystem {
    /// One call of a file system, of a file that is being written, or of a file that is opened.
    package struct Operation: Sendable {
        /// Its number since the beginning, from 0.
        package let number: Int
        package let kind: StorageError.Operation
        /// Where it takes place; of a rename, the old name.
        package let path: StoragePath
    }

    package enum Fault: Hashable, Sendable {
        /// The operation throws this, and nothing is done.
        case fails(StorageError.Code)
        /// A rename says `false`, and nothing is done. Any other operation: as `fails(.unavailable)`.
        case refused
        /// A rename is done, and its answer is lost. Any other operation: as `fails(.unavailable)`.
        case answerLost
    }

    private struct State {
        var operations = 0
        var openWriters: [StoragePath] = []
    }

    private let base: any FileSystem
    private let state = Mutex(State())
    private let plan: @Sendable (Operation) async -> Fault?

    /// - Parameter plan: Called before each operation; returns what happens instead of it, `nil` for nothing.
    package init(_ base: any FileSystem, _ plan: @escaping @Sendable (Operation) async -> Fault? = { _ in nil }) {
        self.base = base
        self.plan = plan
    }

    /// How many operations there were.
    package var operations: Int { state.withLock { $0.operations } }

    /// The files that were created and neither closed nor abandoned.
    package var openWriters: [StoragePath] { state.withLock { $0.openWriters } }

    private func next(_ kind: StorageError.Operation, _ path: StoragePath) async -> Fault? {
        let number = state.withLock { state in
            state.operations += 1
            return state.operations - 1
        }
        return await plan(Operation(number: number, kind: kind, path: path))
    }

    /// Begins an operation that is not a rename.
    fileprivate func begin(_ kind: StorageError.Operation, _ path: StoragePath) async throws(StorageError) {
        switch await next(kind, path) {
        case nil: return
        case .fails(let code): throw Self.error(code, kind, path)
        case .refused, .answerLost: throw Self.error(.unavailable, kind, path)
        }
    }

    private static func error(
        _ code: StorageError.Code,
        _ kind: StorageError.Operation,
        _ path: StoragePath
    ) -> StorageError {
        StorageError(code, kind, path.description, "a fault of the test")
    }

    package func create(_ path: StoragePath) async throws(StorageError) -> any FileWriter {
        try await begin(.create, path)
        let writer = FaultyFileWriter(try await base.create(path), path, self)
        state.withLock { $0.openWriters.append(path) }
        return writer
    }

    fileprivate func ended(_ path: StoragePath) {
        state.withLock { state in
            if let place = state.openWriters.firstIndex(of: path) { state.openWriters.remove(at: place) }
        }
    }

    package func open(_ path: StoragePath) async throws(StorageError) -> any FileReader {
        try await begin(.read, path)
        return try await base.open(path)
    }

    package func status(of path: StoragePath) async throws(StorageError) -> FileStatus? {
        try await begin(.stat, path)
        return try await base.status(of: path)
    }

    package func pages(of directory: StoragePath) async throws(StorageError) -> any DirectoryPages {
        try await begin(.list, directory)
        return try await base.pages(of: directory)
    }

    package func delete(_ path: StoragePath) async throws(StorageError) -> Bool {
        try await begin(.delete, path)
        return try await base.delete(path)
    }

    package func createDirectory(_ path: StoragePath) async throws(StorageError) {
        try await begin(.createDirectory, path)
        try await base.createDirectory(path)
    }

    package func persistNames(in directory: StoragePath) async throws(StorageError) {
        try await begin(.synchronize, directory)
        try await base.persistNames(in: directory)
    }

    package func rename(_ source: StoragePath, to target: StoragePath) async throws(StorageError) -> Bool {
        switch await next(.rename, source) {
        case nil: return try await base.rename(source, to: target)
        case .refused: return false
        case .answerLost:
            _ = try await base.rename(source, to: target)
            throw Self.error(.answerLost, .rename, target)
        case .fails(let code): throw Self.error(code, .rename, target)
        }
    }
}

private final class FaultyFileWriter: FileWriter {
    private let base: any FileWriter
    private let path: StoragePath
    private let files: FaultyFileSystem
    private let isOpen = Mutex(true)

    init(_ base: any FileWriter, _ path: StoragePath, _ files: FaultyFileSystem) {
        self.base = base
        self.path = path
        self.files = files
    }

    func write(_ bytes: RawSpan) async throws(StorageError) {
        try await files.begin(.write, path)
        try await base.write(bytes)
    }

    func close() async throws(StorageError) -> Int64 {
        try await files.begin(.close, path)
        end()
        return try await base.close()
    }

    func abandon() async {
        end()
        await base.abandon()
    }

    /// The end of a file counts once, whichever call comes first.
    private func end() {
        let wasOpen = isOpen.withLock { isOpen in
            defer { isOpen = false }
            return isOpen
        }
        if wasOpen { files.ended(path) }
    }
}
