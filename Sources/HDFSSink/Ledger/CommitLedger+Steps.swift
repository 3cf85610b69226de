import Logging
import Storage

// The actions of the machine, each one step of the file system.
extension CommitLedger {
    func sequences() async throws(StorageError) -> [Int64] {
        try await storage.list(layout.recordDirectory).compactMap { CommitLayout.sequence(ofName: $0.path.name) }
    }

    func read(_ sequence: Int64) async throws(StorageError) -> CommitProtocol.Event {
        let path = try layout.record(sequence: sequence)
        let bytes: [UInt8]
        do {
            bytes = try await storage.read(path, bytesMax: CommitRecordCoding.bytesMax)
        } catch  where error.code == .notFound {
            return .read(nil)
        }
        do {
            return .read(try CommitRecordCoding.record(from: bytes))
        } catch {
            let advice = "restore it, or remove it by hand if the records before it tell the truth"
            let reason = "the commit record \(path) cannot be read: \(error); \(advice)"
            return .failed(CommitProtocol.Problem(isRetriable: false, reason))
        }
    }

    /// The offset behind the greatest one among final names, files of other sinks included.
    func nextAfterFinalNames() async throws(StorageError) -> Int64? {
        let files = try await storage.files(under: layout.topicDirectory) { $0.hasPrefix("+") }
        return files.compactMap { layout.next(afterFinalName: $0.path.name) }.max()
    }

    func write(_ record: CommitRecord) async throws -> CommitProtocol.Event {
        let bytes = try CommitRecordCoding.bytes(of: record)
        try await storage.write(bytes, to: layout.temporaryRecord(sequence: record.sequence, writer: record.writer))
        return .written(digest: CommitRecordCoding.digest(of: bytes))
    }

    func rename(_ source: StoragePath, to target: StoragePath) async throws(StorageError) -> CommitProtocol.Event {
        do {
            return .renamed(try await storage.rename(source, to: target))
        } catch  where error.code == .answerLost {
            logger.warning("no answer to a renaming; looking what came of it", metadata: [LogKeys.path: "\(target)"])
            return .answerLost
        }
    }

    func temporaries() async throws(StorageError) -> [TemporaryFile] {
        var found: [TemporaryFile] = []
        for status in try await storage.list(layout.temporaryDirectory) {
            if let file = try layout.temporary(named: status.path.name) { found.append(file) }
        }
        return found
    }

    /// Puts a record that was pruned aside, in one step that a deletion would take as well. What cannot be put aside
    /// stays until the next pruning; nothing depends on it.
    func archive(_ sequence: Int64) async -> CommitProtocol.Event {
        do {
            let source = try layout.record(sequence: sequence)
            if try await storage.rename(source, to: layout.archivedRecord(sequence: sequence)) { return .deleted }
            // It is there already: this one was placed by a writer that slept while the number was pruned.
            return await delete(source)
        } catch {
            logger.warning("a commit record is not put aside", metadata: [LogKeys.error: "\(error)"])
            return .deleted
        }
    }

    /// What cannot be deleted stays until the next takeover; nothing depends on it.
    func delete(_ path: StoragePath) async -> CommitProtocol.Event {
        do {
            _ = try await storage.delete(path)
        } catch {
            logger.warning("a file that nobody needs stays", metadata: [LogKeys.error: "\(error)"])
        }
        return .deleted
    }
}
