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

    /// The names under which the log lines of this module carry values.
    enum LogKeys {
        static let error = "ledger.error"
        static let path = "ledger.path"
    }

    package let layout: CommitLayout
    let storage: any FileSystem
    let logger: Logger
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
    /// Such a takeover serves a task that gave the partition up and opens it again, so that a partition which stands until
    /// a person decides does not get one more record at each try.
    package func isUntouchedTakeover() async -> Bool {
        guard let mine = machine.stored, mine.record.kind == .takeover else { return false }
        do {
            guard try await sequences().max() == mine.record.sequence, try await temporaries().isEmpty,
                case .read(let found?) = try await read(mine.record.sequence)
            else { return false }
            return found.digest == mine.digest
        } catch {
            // A takeover will meet the same trouble, and says what it is.
            return false
        }
    }

    /// Takes the partition over at `time`, milliseconds since 1970. Called once.
    ///
    /// - Parameter topicID: which topic of this name it is, where the broker tells.
    package mutating func takeOver(
        time: Int64,
        topicID: String? = nil
    ) async throws(CommitProtocol.Problem) -> Outcome {
        try await run(machine.takeOver(time: time, topicID: topicID))
    }

    /// Carries out what a person decided; `.committed` is the end.
    package mutating func repair(_ proposal: RepairProposal) async throws(CommitProtocol.Problem) -> Outcome {
        try await run(machine.repair(proposal))
    }

    /// Commits files that are closed and whole. After `.fenced` or an error this value is of no more use.
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
