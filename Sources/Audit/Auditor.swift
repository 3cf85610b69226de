import CommitLedger
import ConnectRuntime
import KafkaClient
import KafkaTopics
package import Logging
import Storage
import Synchronization

/// Proves that everything that was produced is filed, filtered, set aside or in flight, once.
///
/// It only reads, and it may run while the pipeline runs. Its order matters then: commit records, then files, then the
/// ends of the topics; what comes in between is in flight or left out, never missed.
package struct Auditor: Sendable {
    /// Bounds of an audit.
    package enum Limits {
        /// Partitions whose files are read at once: each holds a piece of a file in memory.
        package static let partitionsAtOnce = 8
    }

    private let configuration: AuditConfiguration
    private let logger: Logger

    package init(_ configuration: AuditConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
    }

    /// What the storage says of all partitions.
    private struct Stored {
        var histories: [TopicPartition: CommitRecordReader.History] = [:]
        var zones: [(partition: TopicPartition, zone: ZoneReader.PartitionZone)] = []
        var troubles: [AuditTrouble] = []
    }

    /// Audits all topics that the connector files and that the raw zone holds.
    ///
    /// - Throws: `KafkaClientError`, `StorageError` or an error of the supplement where something could not be read; nothing is
    ///   proved then, and nothing refuted.
    package func run() async throws -> AuditReport {
        let zones = try ZoneReader(configuration)
        let kafka = KafkaReader(configuration: configuration, logger: logger)
        let committed = try await zones.reader.partitions()
        let all = try await kafka.topics()
        let topics = Set(committed.map(\.topic) + configuration.topics).union(try await zones.topics())
        let existing = all.filter { topics.contains($0.name) }.flatMap(\.topicPartitions)
        // Read before the commit records: a sink commits offsets to its group only after its commit record.
        let committedOffsets = try await kafka.committedOffsets(of: existing)
        var standards = PartitionCheck.Standards(now: configuration.now())
        standards.stallMilliseconds = configuration.stallMilliseconds
        standards.isRunning = configuration.isRunning
        standards.filesEverything = configuration.filesEverything
        var stored = Stored()
        for partition in committed { stored.histories[partition] = try await zones.reader.history(of: partition) }
        let progress = Progress(configuration.onProgress, filed: stored.histories.values.reduce(0) { $0 + $1.filed })
        try await read(topics, existing, zones, progress, &stored)
        let letters = try await kafka.deadLetters(all)
        let ends = try await kafka.ends(of: existing)
        var evidence = stored.zones.map { partition, zone in
            self.evidence(partition, zone, ends[partition], letters)
        }
        let ids = await kafka.topicIDs(of: Set(existing.map(\.topic)))
        let standing = Self.standing(configuration.task)
        for index in evidence.indices {
            evidence[index].topicID = ids[evidence[index].partition.topic]
            evidence[index].standing = standing[evidence[index].partition]
        }
        try await readTopics(&evidence, letters, progress)
        var checks = evidence.map { PartitionCheck($0, standards) }
        let locator = TroubleLocator(configuration: configuration, letters: letters.offsets, logger: logger)
        try await locator.locate(&checks)
        stored.troubles += evidence.compactMap { Self.unexplained($0, committed: committedOffsets[$0.partition] ?? 0) }
        stored.troubles += Self.failure(configuration.task)
        var report = try judge(checks, tallies: stored.zones.compactMap(\.zone.tally), ids, letters, stored.troubles)
        report.unfiledTopics = try await kafka.unfiled(all, besides: topics)
        return report
    }

    // MARK: - Reading

    /// Reads the files of all partitions, some partitions at once.
    private func read(
        _ topics: Set<String>,
        _ existing: [TopicPartition],
        _ zones: ZoneReader,
        _ progress: Progress,
        _ stored: inout Stored
    ) async throws {
        var files: [TopicPartition: [StoragePath]] = [:]
        for topic in topics.sorted() {
            let found = try await zones.list(topic)
            files.merge(found.files) { first, _ in first }
            stored.troubles += found.troubles
        }
        let partitions = Set(existing).union(stored.histories.keys).union(files.keys).sorted()
        let histories = stored.histories
        stored.zones = try await withThrowingTaskGroup(of: (TopicPartition, ZoneReader.PartitionZone).self) { group in
            var read: [(TopicPartition, ZoneReader.PartitionZone)] = []
            for (index, partition) in partitions.enumerated() {
                if index >= Limits.partitionsAtOnce, let zone = try await group.next() { read.append(zone) }
                let history = histories[partition]
                let paths = files[partition] ?? []
                group.addTask {
                    (partition, try await zones.read(partition, history, paths) { progress.passed($0) })
                }
            }
            for try await zone in group { read.append(zone) }
            return read.sorted { $0.0 < $1.0 }
        }
    }

    private func evidence(
        _ partition: TopicPartition,
        _ zone: ZoneReader.PartitionZone,
        _ ends: Range<Int64>?,
        _ letters: DeadLetters
    ) -> PartitionEvidence {
        var evidence = PartitionEvidence(
            partition: partition,
            earliest: ends?.lowerBound ?? 0,
            latest: ends?.upperBound ?? 0,
            commits: zone.commits
        )
        evidence.exists = ends != nil
        evidence.isOfConnector = configuration.topics.contains(partition.topic) || zone.commits != nil
        evidence.files = zone.files
        evidence.pending = zone.pending
        evidence.temporaries = zone.temporaries
        evidence.troubles = zone.troubles
        // The queue does not say of which lineage an offset is.
        if letters.withoutPlace == 0, let commits = zone.commits, commits.lineage == 1 {
            let own = (letters.offsets[partition] ?? []).filter { $0 < commits.next ?? 0 && $0 >= commits.beginning }
            evidence.deadLetters = Int64(own.count)
            evidence.deadLettersIncomplete = letters.isIncomplete
        }
        return evidence
    }

    /// Reads what the topics hold of the offsets that are filed, and of those behind them.
    private func readTopics(
        _ evidence: inout [PartitionEvidence],
        _ letters: DeadLetters,
        _ progress: Progress
    ) async throws {
        let orders = evidence.filter(\.exists).map { each in
            ContentReader.Order(
                partition: each.partition,
                commits: each.commits,
                kept: each.earliest..<each.latest,
                compares: (each.commits?.next ?? 0) <= each.latest,
                letters: each.commits?.lineage == 1 ? letters.offsets[each.partition] ?? [] : []
            )
        }
        progress.adds(orders.reduce(0) { $0 + Int64($1.kept.count) })
        let reader = ContentReader(configuration: configuration, logger: logger) { progress.passed($0) }
        let found = try await reader.read(orders)
        for index in evidence.indices { evidence[index].content = found[evidence[index].partition] }
    }

    // MARK: - Judging

    /// Offsets that the consumer group has committed although no commit record explains them.
    private static func unexplained(_ evidence: PartitionEvidence, committed: Int64) -> AuditTrouble? {
        let explained = evidence.commits?.next ?? 0
        guard committed > explained else { return nil }
        return AuditTrouble(
            .offsetsUnexplained,
            topic: evidence.partition.topic,
            partition: evidence.partition.partition,
            offsets: explained...(committed - 1),
            what:
                "the consumer group says that these offsets are filed, and no commit record knows of them: the commit "
                + "records, and perhaps the files, are gone",
            advice: "look whether the storage is the right one; restore its commit records from a backup, or file the "
                + "topic anew under another connector name while Kafka still has the records"
        )
    }

    /// The partitions that the connector does not file, as its task says.
    private static func standing(_ task: AuditConfiguration.TaskStatus?) -> [TopicPartition: Standing] {
        guard let task else { return [:] }
        return task.status.partitions.reduce(into: [:]) { all, each in
            let partition = TopicPartition(topic: each.topic, partition: each.partition)
            all[partition] = Standing(each, atMilliseconds: task.atMilliseconds)
        }
    }

    /// A task that has ended by an error; what only concerns partitions is reported with these.
    private static func failure(_ task: AuditConfiguration.TaskStatus?) -> [AuditTrouble] {
        guard let status = task?.status, status.state == .failed,
            !status.partitions.contains(where: { $0.state == .failed })
        else { return [] }
        return [
            AuditTrouble(
                .connectorFailed,
                what: "the connector files nothing at the moment: \(status.reason ?? "no reason is known")",
                advice: "mend what it says; `hera up` starts it again by itself"
            )
        ]
    }

    private func judge(
        _ checks: [PartitionCheck],
        tallies: [any LineTally],
        _ ids: [String: String],
        _ letters: DeadLetters,
        _ strange: [AuditTrouble]
    ) throws -> AuditReport {
        let reports = checks.map(\.report)
        var notes = checks.flatMap(\.notes)
        if letters.withoutPlace > 0 {
            notes.append(
                AuditNote(
                    topic: configuration.deadLetterTopic,
                    "\(letters.withoutPlace) records do not say where they come from, so dead letters are not judged"
                )
            )
        }
        let known = try configuration.supplement?.findings(tallies, reports, topicIDs: ids) ?? AuditFindings()
        var report = AuditReport(
            partitions: reports,
            truth: known.truth,
            troubles: strange + checks.flatMap(\.troubles) + known.troubles,
            notes: notes + known.notes
        )
        report.deadLetters = letters.causes
        return report
    }

    /// How far the work is, summed up over all tasks.
    private final class Progress: Sendable {
        private let state: Mutex<AuditProgress>
        private let tell: @Sendable (AuditProgress) -> Void

        init(_ tell: @escaping @Sendable (AuditProgress) -> Void, filed: Int64) {
            self.tell = tell
            state = Mutex(AuditProgress(done: 0, total: filed))
        }

        func adds(_ records: Int64) { state.withLock { $0.total += records } }

        func passed(_ records: Int64) {
            let now = state.withLock { progress in
                progress.done = min(progress.done + records, progress.total)
                return progress
            }
            tell(now)
        }
    }
}

extension CommitRecordReader.History {
    /// How many lines the records say are in files.
    fileprivate var filed: Int64 { newest?.totals.rows ?? 0 }
}
