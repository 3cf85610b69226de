import CommitLedger
package import ConnectAPI
package import KafkaTopics
package import Logging
package import Storage

/// Files the records of its partitions in directories by time, each record exactly once.
///
/// Each partition is taken over, committed and given up independently of the others.
package final class HDFSSinkTask: SinkTask {
    /// Bounds of what one task holds.
    package enum Limits {
        /// Memory for the open files of all its partitions. Beyond it, the partition that holds the most writes its bytes
        /// to the storage early.
        package static let memoryBytes = 64 << 20
        /// Takeovers that wait for the storage at once. Each holds a commit record, and one open file at a time.
        package static let takeoversAtOnce = 16
    }

    private let identity: SinkTaskIdentity
    private let context: any SinkTaskContext
    private let settings: HDFSSinkSettings
    private let storage: any FileSystem
    private let logger: Logger
    private var filers: [TopicPartition: PartitionFiler] = [:]
    /// Where the partitions that the last `close` handed over ended.
    private var handedOver: [TopicPartition: Int64] = [:]
    /// How many takeovers were tried: part of the writer's name, which is unique for each.
    private var takeovers = 0
    private var budget: MemoryBudget
    /// The takeovers of partitions that were given up. One under which nothing was filed is used again.
    private var kept: [TopicPartition: CommitLedger] = [:]
    /// Partitions that were given up while another one's batch was taken; the runner is told right afterwards.
    private var givenUp: [TopicPartition: SinkTaskError] = [:]

    /// - Parameter memoryBytes: what the open files of all partitions may take.
    package init(
        _ identity: SinkTaskIdentity,
        context: any SinkTaskContext,
        settings: HDFSSinkSettings,
        storage: any FileSystem,
        memoryBytes: Int = Limits.memoryBytes,
        logger: Logger
    ) {
        self.identity = identity
        self.context = context
        self.settings = settings
        self.storage = storage
        self.logger = logger
        budget = MemoryBudget(bytesMax: memoryBytes)
    }

    package func start(now: Moment) async throws(SinkTaskError) {}

    package func open(
        _ partitions: [SinkPartition],
        now: Moment
    ) async throws(SinkTaskError) -> [TopicPartition: SinkStart] {
        var candidates: [Takeover.Candidate] = []
        for partition in partitions {
            await drop(partition.id)
            // Another task may have filed on meanwhile: only what is read now counts.
            handedOver[partition.id] = nil
            let kept = kept.removeValue(forKey: partition.id)
            candidates.append(.init(partition: partition, ledger: try ledger(of: partition.id), kept: kept))
        }
        // Those that succeed stay open even if others fail.
        var starts: [TopicPartition: SinkStart] = [:]
        var failures: [SinkTaskError] = []
        for takeover in await Self.takeOver(candidates, time: now.wall.milliseconds) {
            switch takeover.result {
            case .success(.tookOver(let record)): starts[takeover.partition.id] = opened(takeover, record)
            case .success: failures.append(FilingError.fenced.taskError(takeover.partition.id))
            case .failure(let problem):
                failures.append(FilingError.protocolStopped(problem).taskError(takeover.partition.id))
            }
        }
        if let failure = SinkTaskError(uniting: failures) { throw failure }
        return starts
    }

    /// Takes partitions over concurrently, at most `Limits.takeoversAtOnce` at a time.
    private static func takeOver(_ candidates: [Takeover.Candidate], time: Int64) async -> [Takeover] {
        let results = await withTaskGroup(of: Takeover.self) { group in
            var rest = candidates[...]
            var done: [Takeover] = []
            func begin() {
                guard let candidate = rest.popFirst() else { return }
                group.addTask { await Takeover(candidate, time: time) }
            }
            for _ in 0..<Limits.takeoversAtOnce { begin() }
            while let takeover = await group.next() {
                done.append(takeover)
                begin()
            }
            return done
        }
        return results.sorted { $0.partition.id < $1.partition.id }
    }

    /// A partition that was taken over with `record` is open from now on.
    private func opened(_ takeover: Takeover, _ record: CommitRecord) -> SinkStart {
        for name in record.missing {
            logger.error(
                "a committed file is gone; the audit says what it held",
                metadata: [LogKeys.partition: "\(takeover.partition.id)", LogKeys.path: "\(name)"]
            )
        }
        filers[takeover.partition.id] = PartitionFiler(
            partition: takeover.partition,
            context: context,
            settings: settings,
            storage: storage,
            logger: logger,
            ledger: takeover.ledger,
            takeover: record
        )
        return SinkStart(next: record.next, fingerprint: record.fingerprint, topicID: record.topicID)
    }

    package func put(_ records: SinkRecords, now: Moment) async throws(SinkTaskError) {
        try await with(records.partition) { filer throws(FilingError) in try await filer.put(records, now: now) }
        while let partition = budget.partitionToWrite {
            do {
                try await with(partition) { filer throws(FilingError) in try await filer.writeOut() }
            } catch {
                // The batch was taken; the failure of another partition must not look like its own.
                if partition == records.partition { throw error }
                givenUp[partition] = error
            }
        }
    }

    package func retentionChanged(ofTopic topic: String, milliseconds: Int64?) {
        for partition in filers.keys where partition.topic == topic {
            filers[partition]?.policy.retentionMilliseconds = milliseconds
        }
    }

    package func nextDeadline(now: Moment) -> MonotonicTime? {
        guard givenUp.isEmpty else { return now.monotonic }
        return filers.values.compactMap { $0.policy.deadline(now: now) }.min()
    }

    package func timerFired(now: Moment) async throws(SinkTaskError) {
        var failures = Array(givenUp.values)
        givenUp = [:]
        for partition in filers.keys.sorted() {
            do {
                try await with(partition) { filer throws(FilingError) in try await filer.timerFired(now: now) }
            } catch {
                failures.append(error)
            }
        }
        if let failure = SinkTaskError(uniting: failures) { throw failure }
    }

    package func committable() -> [TopicPartition: Int64] {
        filers.compactMapValues { $0.ledger.last?.next }.merging(handedOver) { open, _ in open }
    }

    package func close(
        _ partitions: [TopicPartition],
        _ reason: CloseReason,
        now: Moment
    ) async throws(SinkTaskError) {
        var failures: [SinkTaskError] = []
        handedOver = [:]
        for partition in partitions where filers[partition] != nil {
            do {
                if reason == .handedOver {
                    try await with(partition) { filer throws(FilingError) in
                        try await filer.commit(.handedOver, now: now)
                    }
                    handedOver[partition] = filers[partition]?.ledger.last?.next
                }
            } catch {
                failures.append(error)
            }
            await drop(partition)
        }
        if let failure = SinkTaskError(uniting: failures) { throw failure }
    }

    package func stop() async {
        for partition in Array(filers.keys) { await drop(partition) }
    }

    /// Gives a partition up with what it holds; does nothing if it is not open.
    private func drop(_ partition: TopicPartition) async {
        budget.holds(0, partition)
        givenUp[partition] = nil
        guard var filer = filers.removeValue(forKey: partition) else { return }
        await end(&filer)
    }

    /// Ends a filer with what it holds.
    private func end(_ filer: inout PartitionFiler) async {
        await filer.drop()
        kept[filer.partition] = filer.ledger
    }

    /// Lends the filer of a partition. One that fails is dropped: the next takeover begins at what is durable.
    private func with(
        _ partition: TopicPartition,
        _ body: (inout PartitionFiler) async throws(FilingError) -> Void
    ) async throws(SinkTaskError) {
        // The runner makes one call at a time, so nothing looks for the filer meanwhile.
        guard var filer = filers.removeValue(forKey: partition) else {
            if let error = givenUp.removeValue(forKey: partition) { throw error }
            throw SinkTaskError(.permanent, "records came for a partition that is not open", partitions: [partition])
        }
        do {
            try await body(&filer)
        } catch {
            budget.holds(0, partition)
            await end(&filer)
            throw error.taskError(partition)
        }
        budget.holds(filer.memoryBytes, partition)
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
                offsetDigits: settings.offsetDigits,
                fileExtension: settings.format.fileExtension
            )
            let writer = "\(identity.writer)-\(takeovers)"
            return CommitLedger(layout: layout, storage: storage, writer: writer, logger: logger)
        } catch {
            throw SinkTaskError(.permanent, error.description, partitions: [partition])
        }
    }
}

/// One partition's takeover and how it ended.
private struct Takeover: Sendable {
    /// A partition that is to be taken over.
    struct Candidate: Sendable {
        let partition: SinkPartition
        /// For a new takeover.
        let ledger: CommitLedger
        /// The ledger with which this task gave the partition up.
        let kept: CommitLedger?
    }

    let partition: SinkPartition
    let ledger: CommitLedger
    let result: Result<CommitLedger.Outcome, CommitProtocol.Problem>

    /// Takes a partition over at `time`, the wall clock in milliseconds since 1970. A kept takeover that still holds
    /// is used again, unless it names another topic before anything was filed, or missing files, which are reported once.
    init(_ candidate: Candidate, time: Int64) async {
        partition = candidate.partition
        if let kept = candidate.kept, let record = kept.last, record.missing.isEmpty,
            record.next != nil || record.topicID == partition.topicID, await kept.isUntouchedTakeover()
        {
            ledger = kept
            result = .success(.tookOver(record))
            return
        }
        var ledger = candidate.ledger
        do {
            result = .success(try await ledger.takeOver(time: time, topicID: partition.topicID))
        } catch {
            result = .failure(error)
        }
        self.ledger = ledger
    }
}

/// The metadata keys of this module's log lines.
enum LogKeys {
    static let error = "sink.error"
    static let files = "sink.files"
    static let offsets = "sink.offsets"
    static let partition = "sink.partition"
    static let path = "sink.path"
    static let reason = "sink.reason"
    static let rows = "sink.rows"
    static let sequence = "sink.sequence"
}

/// How much memory the partitions of a task hold together, and which of them has to write it out beyond the bound.
package struct MemoryBudget: Sendable {
    private let bytesMax: Int
    private var held: [TopicPartition: Int] = [:]
    private var total = 0

    /// - Parameter bytesMax: what all partitions together may hold.
    package init(bytesMax: Int) {
        self.bytesMax = bytesMax
    }

    /// `partition` holds this many bytes from now on; 0 if it is closed.
    package mutating func holds(_ bytes: Int, _ partition: TopicPartition) {
        total += bytes - (held[partition] ?? 0)
        held[partition] = bytes == 0 ? nil : bytes
    }

    /// The partition that holds the most, if all together hold more than the bound: it frees the most, in the largest writes.
    package var partitionToWrite: TopicPartition? {
        guard total > bytesMax else { return nil }
        return held.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
    }
}
