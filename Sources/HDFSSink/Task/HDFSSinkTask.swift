package import ConnectAPI
package import KafkaTopics
package import Logging
package import Storage

/// Files the records of its partitions in directories by time, each record exactly once.
///
/// A partition is filed by itself: it is taken over, committed and lost without the others.
package final class HDFSSinkTask: SinkTask {
    private let identity: SinkTaskIdentity
    private let settings: HDFSSinkSettings
    private let storage: any FileSystem
    private let logger: Logger
    private var filers: [TopicPartition: PartitionFiler] = [:]
    /// Where the partitions ended that the last `close` handed over.
    private var handedOver: [TopicPartition: Int64] = [:]
    /// How many takeovers were tried: part of the writer's name, which is unique for each.
    private var takeovers = 0

    package init(
        _ identity: SinkTaskIdentity,
        settings: HDFSSinkSettings,
        storage: any FileSystem,
        logger: Logger
    ) {
        self.identity = identity
        self.settings = settings
        self.storage = storage
        self.logger = logger
    }

    package func start(now: Timestamp) async throws(SinkTaskError) {}

    package func open(
        _ partitions: [SinkPartition],
        now: Timestamp
    ) async throws(SinkTaskError) -> [TopicPartition: Int64] {
        var ledgers: [(SinkPartition, CommitLedger)] = []
        for partition in partitions {
            await filers.removeValue(forKey: partition.id)?.dropped()
            ledgers.append((partition, try ledger(of: partition.id)))
        }
        // Partitions wait for the storage at the same time, not one after the other.
        let results = await withTaskGroup(of: Takeover.self) { group in
            for (partition, ledger) in ledgers {
                group.addTask { await Takeover(partition, ledger, time: now.milliseconds) }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        var starts: [TopicPartition: Int64] = [:]
        for takeover in results {
            switch takeover.result {
            case .success(.tookOver(let epoch, let next, let missing)):
                for name in missing {
                    logger.error("a committed file is gone; the audit says what it held", metadata: ["file": "\(name)"])
                }
                starts[takeover.partition.id] = next
                filers[takeover.partition.id] = PartitionFiler(
                    partition: takeover.partition,
                    settings: settings,
                    storage: storage,
                    logger: logger,
                    ledger: takeover.ledger,
                    epoch: epoch,
                    next: next
                )
            case .success: throw FilingError.fenced.taskError(takeover.partition.id)
            case .failure(let problem): throw FilingError.protocolStopped(problem).taskError(takeover.partition.id)
            }
        }
        return starts
    }

    package func put(_ records: SinkRecords, now: Timestamp) async throws(SinkTaskError) {
        try await with(records.partition) { filer throws(FilingError) in try await filer.put(records, now: now) }
    }

    package func nextDeadline(now: Timestamp) -> Timestamp? {
        filers.values.compactMap { $0.policy.deadline(now: now) }.min()
    }

    package func timerFired(now: Timestamp) async throws(SinkTaskError) {
        for partition in filers.keys.sorted() {
            try await with(partition) { filer throws(FilingError) in try await filer.timerFired(now: now) }
        }
    }

    package func committable() -> [TopicPartition: Int64] {
        filers.compactMapValues { $0.ledger.last?.next }.merging(handedOver) { open, _ in open }
    }

    package func close(
        _ partitions: [TopicPartition],
        _ reason: CloseReason,
        now: Timestamp
    ) async throws(SinkTaskError) {
        var failure: SinkTaskError?
        handedOver = [:]
        for partition in partitions where filers[partition] != nil {
            do {
                if reason == .handedOver {
                    try await with(partition) { filer throws(FilingError) in
                        try await filer.commit("handed over", now: now)
                    }
                    handedOver[partition] = filers[partition]?.ledger.last?.next
                }
            } catch {
                failure = failure ?? error
            }
            await filers.removeValue(forKey: partition)?.dropped()
        }
        if let failure { throw failure }
    }

    package func stop() async {
        for partition in filers.keys { await filers.removeValue(forKey: partition)?.dropped() }
    }

    /// Lends the filer of a partition. One that fails is dropped: the next takeover begins at what is durable.
    private func with(
        _ partition: TopicPartition,
        _ body: (inout PartitionFiler) async throws(FilingError) -> Void
    ) async throws(SinkTaskError) {
        // The worker makes one call at a time, so nobody misses it meanwhile.
        guard var filer = filers.removeValue(forKey: partition) else {
            throw SinkTaskError(.permanent, "records came for a partition that is not open", partitions: [partition])
        }
        do {
            try await body(&filer)
        } catch {
            await filer.drop()
            throw error.taskError(partition)
        }
        filers[partition] = filer
    }

    private func ledger(of partition: TopicPartition) throws(SinkTaskError) -> CommitLedger {
        takeovers += 1
        do {
            let layout = try CommitLayout(
                partition: partition,
                connector: identity.connector,
                topicsDirectory: StoragePath(settings.topicsDirectory),
                logsDirectory: StoragePath(settings.logsDirectory),
                fileDelimiter: settings.fileDelimiter,
                offsetDigits: settings.offsetDigits
            )
            let writer = "\(identity.writer)-\(identity.task)-\(takeovers)"
            return CommitLedger(layout: layout, storage: storage, writer: writer, logger: logger)
        } catch {
            throw SinkTaskError(.permanent, error.description, partitions: [partition])
        }
    }
}

/// One partition's takeover and how it ended.
private struct Takeover: Sendable {
    let partition: SinkPartition
    let ledger: CommitLedger
    let result: Result<CommitLedger.Outcome, CommitProtocol.Problem>

    init(_ partition: SinkPartition, _ ledger: CommitLedger, time: Int64) async {
        var ledger = ledger
        self.partition = partition
        do {
            result = .success(try await ledger.takeOver(time: time))
        } catch {
            result = .failure(error)
        }
        self.ledger = ledger
    }
}

extension PartitionFiler {
    fileprivate consuming func dropped() async {
        var filer = self
        await filer.drop()
    }
}
