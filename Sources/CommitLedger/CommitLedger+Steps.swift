import Checksums
import Logging
package import Storage

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
        } catch  where error.code == .tooLarge {
            let words = "\(error); \(CommitProtocol.cure(of: layout.partition))"
            return .failed(CommitProtocol.Problem(isRetriable: false, words))
        }
        do throws(CommitRecordCoding.Failure) {
            let stored = try CommitRecordCoding.record(from: bytes)
            // Its writer may have died before the name was on the disk; what follows relies on it.
            do throws(StorageError) {
                try await storage.persistNames(in: layout.recordDirectory)
            } catch {
                return .failed(CommitProtocol.Problem(isRetriable: error.isRetriable, error.description))
            }
            return .read(stored)
        } catch {
            let cure =
                error.isNewer ? "run that version, or a later one" : CommitProtocol.cure(of: layout.partition)
            let reason = "the commit record \(path) cannot be used: \(error); \(cure)"
            return .failed(CommitProtocol.Problem(isRetriable: false, reason))
        }
    }

    /// Where final names end, files of other sinks included: in the greatest lineage, the greatest offset.
    package func placeAfterFinalNames() async throws(StorageError) -> CommitProtocol.FiledPlace? {
        let files = try await storage.files(under: layout.topicDirectory, skips: ZoneNames.isHidden)
        return files.compactMap { layout.place(afterFinalName: $0.path.name) }
            .max { ($0.lineage, $0.next) < ($1.lineage, $1.next) }
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

    /// Which of the two names of a file are there.
    ///
    /// After a power cut a file may have both: the new name was on the disk, and the loss of the old one was not yet.
    /// Then the temporary one is removed, and looks as if it had been gone. A file of somebody else is another case.
    func look(_ file: CommitRecord.File) async throws(StorageError) -> CommitProtocol.Event {
        let (source, target) = (try StoragePath(file.temporary), try StoragePath(file.final))
        var temporary = try await storage.status(of: source) != nil
        let final = try await storage.status(of: target) != nil
        if temporary, final, try await isWhole(file, at: target) {
            _ = try await storage.delete(source)
            temporary = false
        }
        // Its writer may have died before the new name was on the disk.
        if final, !temporary { try await storage.persistNames(in: target.parent) }
        return .looked(temporary: temporary, final: final)
    }

    /// Whether what lies at `path` is the file that the commit record describes, byte for byte.
    private func isWhole(_ file: CommitRecord.File, at path: StoragePath) async throws(StorageError) -> Bool {
        guard let status = try await storage.status(of: path), status.kind == .file, status.length == file.bytes else {
            return false
        }
        var checksum = CRC32C()
        var offset: Int64 = 0
        while offset < file.bytes {
            let bytes = try await storage.read(path, from: offset, count: CommitRecordCoding.bytesMax)
            guard !bytes.isEmpty else { return false }
            checksum.update(bytes)
            offset += Int64(bytes.count)
        }
        return checksum.digits == file.crc32c
    }

    /// This partition's files under temporary names.
    package func temporaries() async throws(StorageError) -> [TemporaryFile] {
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

    /// Takes a damaged record out of the commit directory, so that the one before it is the newest again. Its bytes stay
    /// beside it, under a name that no list of records contains.
    ///
    /// - Returns: whether it was there, and nothing had that name.
    package func setAside(_ sequence: Int64) async throws(StorageError) -> Bool {
        let path = try layout.record(sequence: sequence)
        return try await storage.rename(path, to: path.parent.appending(path.name + CommitLayout.damagedSuffix))
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
