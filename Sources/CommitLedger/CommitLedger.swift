import Checksums
import KafkaTopics
package import Logging
package import Storage

/// The commit protocol of one partition on a file system: does what the machine says, one action after the other.
package struct CommitLedger: Sendable {
    /// How a procedure ended.
    package enum Outcome: Sendable {
        /// The takeover's record: its epoch, and the place, lineage and fingerprint that were found.
        case tookOver(CommitRecord)
        case committed(CommitRecord)
        /// Another writer took the partition over.
        case fenced
    }

    /// The metadata keys of this module's log lines.
    private enum LogKeys {
        static let error = "ledger.error"
        static let path = "ledger.path"
    }

    /// How many bytes of a file are compared at once.
    private static let pieceBytes = 1 << 20

    package let layout: CommitLayout
    private let storage: any FileSystem
    private let logger: Logger
    private var machine: CommitProtocol

    /// - Parameter writer: Who this is; unique for each takeover that is ever tried.
    package init(
        layout: CommitLayout,
        storage: any FileSystem,
        writer: String,
        recordsKept: Int64 = CommitProtocol.Limits.recordsKept,
        logger: Logger
    ) {
        self.layout = layout
        self.storage = storage
        self.logger = logger
        machine = CommitProtocol(
            writer: writer,
            topic: layout.partition.topic,
            partition: layout.partition.partition,
            recordsKept: recordsKept
        )
    }

    /// The newest record of this writer while it may commit.
    package var last: CommitRecord? { machine.last }

    /// Whether its takeover still holds as it was made: nothing was committed under it, no other record is newer, and no
    /// temporary file is left to be swept.
    ///
    /// A task that gave the partition up and opens it again uses such a takeover again, so that a partition which waits
    /// for an operator does not get one more record at each try.
    package func isUntouchedTakeover() async -> Bool {
        guard let mine = machine.stored, mine.record.kind == .takeover else { return false }
        do {
            guard try await sequences().max() == mine.record.sequence, try await temporaries().isEmpty,
                case .read(let found?) = try await read(mine.record.sequence)
            else { return false }
            return found.digest == mine.digest
        } catch {
            // A takeover will fail for the same reason, and report it.
            return false
        }
    }

    /// Takes the partition over at `time`, milliseconds since 1970. Called once.
    ///
    /// - Parameter topicID: which topic of this name it is, if the broker tells.
    package mutating func takeOver(
        time: Int64,
        topicID: String? = nil
    ) async throws(CommitProtocol.Problem) -> Outcome {
        try await run(machine.takeOver(time: time, topicID: topicID))
    }

    /// Carries out what an operator decided; ends with `.committed`.
    package mutating func repair(_ proposal: RepairProposal) async throws(CommitProtocol.Problem) -> Outcome {
        try await run(machine.repair(proposal))
    }

    /// Commits files that are closed and whole. After `.fenced` or an error this value must not be used any more.
    package mutating func commit(_ proposal: CommitProposal) async throws(CommitProtocol.Problem) -> Outcome {
        try await run(machine.commit(proposal))
    }

    private var tooManyLists: CommitProtocol.Problem {
        CommitProtocol.Problem(
            isRetriable: true,
            "the newest commit record in \(layout.recordDirectory) was another each time it was looked for, or is a name "
                + "without a file behind it; see whether many workers run this connector, and whether there is a link "
                + "that leads nowhere"
        )
    }

    private mutating func run(_ first: CommitProtocol.Action) async throws(CommitProtocol.Problem) -> Outcome {
        var action = first
        var lists = 0
        while true {
            if action == .listRecords { lists += 1 }
            guard lists <= CommitProtocol.Limits.listsMax else { throw tooManyLists }
            let event: CommitProtocol.Event
            do {
                switch action {
                case .tookOver(let record): return .tookOver(record)
                case .committed(let record): return .committed(record)
                case .fenced: return .fenced
                case .stopped(let problem): throw problem
                case .listRecords: event = .listed(try await sequences())
                case .readRecord(let sequence): event = try await read(sequence)
                case .scanFinalNames: event = .scanned(try await placeAfterFinalNames())
                case .writeRecord(let record): event = try await write(record)
                case .placeRecord(let record):
                    let source = try layout.temporaryRecord(sequence: record.sequence, writer: record.writer)
                    event = try await rename(source, to: layout.record(sequence: record.sequence))
                case .publish(let file):
                    event = try await rename(StoragePath(file.temporary), to: StoragePath(file.final))
                case .look(let file): event = try await look(file)
                case .listTemporaries: event = .listedTemporaries(try await temporaries())
                case .deleteTemporary(let file): event = await delete(try StoragePath(file.path))
                case .deleteTemporaryRecord(let record):
                    event = await delete(try layout.temporaryRecord(sequence: record.sequence, writer: record.writer))
                case .deleteRecord(let sequence): event = await delete(try layout.record(sequence: sequence))
                case .pruneRecord(let sequence): event = await archive(sequence)
                }
            } catch let problem as CommitProtocol.Problem {
                throw problem
            } catch let error as StorageError {
                event = .failed(CommitProtocol.Problem(isRetriable: error.isRetriable, error.description))
            } catch {
                event = .failed(CommitProtocol.Problem(isRetriable: false, String(describing: error)))
            }
            action = machine.received(event)
        }
    }
}

// The actions of the machine, each one step of the file system.
extension CommitLedger {
    private func sequences() async throws(StorageError) -> [Int64] {
        try await storage.list(layout.recordDirectory).compactMap { CommitLayout.sequence(ofName: $0.path.name) }
    }

    private func read(_ sequence: Int64) async throws(StorageError) -> CommitProtocol.Event {
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
        var greatest: CommitProtocol.FiledPlace?
        try await storage.forEachFile(under: layout.topicDirectory, skips: ZoneNames.isHidden) { file in
            guard let place = layout.place(afterFinalName: file.path.name) else { return }
            if let known = greatest, (known.lineage, known.next) >= (place.lineage, place.next) { return }
            greatest = place
        }
        return greatest
    }

    private func write(_ record: CommitRecord) async throws -> CommitProtocol.Event {
        let bytes = try CommitRecordCoding.bytes(of: record)
        try await storage.write(bytes, to: layout.temporaryRecord(sequence: record.sequence, writer: record.writer))
        return .written(digest: CommitRecordCoding.digest(of: bytes))
    }

    private func rename(_ source: StoragePath, to target: StoragePath) async throws(StorageError)
        -> CommitProtocol.Event
    {
        do {
            return .renamed(try await storage.rename(source, to: target))
        } catch  where error.code == .answerLost {
            logger.warning("no answer to a rename; checking whether it was done", metadata: [LogKeys.path: "\(target)"])
            return .answerLost
        }
    }

    /// Which of the two names of a file exist.
    ///
    /// After a power cut a file may have both: the new name was on the disk, and the loss of the old one was not yet.
    /// Then the temporary one is removed, and reported as gone. A final file with other bytes is left alone.
    private func look(_ file: CommitRecord.File) async throws(StorageError) -> CommitProtocol.Event {
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
        let reader = try await storage.open(path)
        var checksum = CRC32C()
        var offset: Int64 = 0
        while offset < file.bytes {
            let bytes = try await reader.read(from: offset, count: Self.pieceBytes)
            if bytes.isEmpty { break }
            checksum.update(bytes)
            offset += Int64(bytes.count)
        }
        await reader.close()
        return offset == file.bytes && checksum.digits == file.crc32c
    }

    /// This partition's files under temporary names.
    package func temporaries() async throws(StorageError) -> [TemporaryFile] {
        var found: [TemporaryFile] = []
        for status in try await storage.list(layout.temporaryDirectory) {
            if let file = try layout.temporary(named: status.path.name) { found.append(file) }
        }
        return found
    }

    /// Archives a pruned record, in one step as a deletion would be. What cannot be archived stays until the next
    /// pruning; nothing depends on it.
    private func archive(_ sequence: Int64) async -> CommitProtocol.Event {
        do {
            let source = try layout.record(sequence: sequence)
            if try await storage.rename(source, to: layout.archivedRecord(sequence: sequence)) { return .deleted }
            // It is there already: this one was placed by a writer that slept while the number was pruned.
            return await delete(source)
        } catch {
            logger.warning("a commit record could not be archived", metadata: [LogKeys.error: "\(error)"])
            return .deleted
        }
    }

    /// Takes a damaged record out of the commit directory, so that the one before it is the newest again. Its bytes stay
    /// under a name that is not listed among the records.
    ///
    /// - Returns: whether it existed, and the other name was free.
    package func setAside(_ sequence: Int64) async throws(StorageError) -> Bool {
        let path = try layout.record(sequence: sequence)
        return try await storage.rename(path, to: path.parent.appending(path.name + CommitLayout.damagedSuffix))
    }

    /// What cannot be deleted stays until the next takeover; nothing depends on it.
    private func delete(_ path: StoragePath) async -> CommitProtocol.Event {
        do {
            _ = try await storage.delete(path)
        } catch {
            logger.warning("an obsolete file could not be deleted", metadata: [LogKeys.error: "\(error)"])
        }
        return .deleted
    }
}
