import Community
import HDFSSink
import KafkaTopics
package import Logging
import Storage

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

    /// Audits all topics that the connector files, that the raw zone holds, and that the community has.
    ///
    /// - Throws: `KafkaClientError`, `StorageError` or `GroundTruthError` where something could not be read; nothing is
    ///   proved then, and nothing refuted.
    package func run() async throws -> AuditReport {
        let zones = try ZoneReader(configuration)
        let kafka = KafkaReader(configuration: configuration, logger: logger)
        let committed = try await zones.reader.partitions()
        let topics = Set(committed.map(\.topic) + CommunityTopic.allCases.map(\.name)).union(try await zones.topics())
        let existing = try await kafka.partitions(of: topics)
        // Asked before the commit records are read: a sink settles what it has recorded, never the other way round.
        let settled = try await kafka.settled(existing)
        let partitions = Set(committed + existing).sorted()
        var histories: [TopicPartition: CommitRecordReader.History] = [:]
        for partition in committed {
            histories[partition] = try await zones.reader.history(of: partition)
        }
        var files: [TopicPartition: [StoragePath]] = [:]
        var troubles: [AuditTrouble] = []
        for topic in topics.sorted() {
            let found = try await zones.list(topic)
            files.merge(found.files) { first, _ in first }
            troubles += found.troubles
        }
        let unknown = files.keys.filter { !partitions.contains($0) }
        let read = try await self.read(partitions + unknown.sorted(), histories, files, zones)
        let letters = try await kafka.deadLetters()
        let ends = try await kafka.ends(of: existing)
        let evidence = read.map { partition, zone in
            Self.evidence(partition, zone, ends[partition] ?? 0..<0, letters)
        }
        troubles += evidence.compactMap { Self.unexplained($0, settled: settled[$0.partition] ?? 0) }
        var report = try judge(evidence, sums: read.map(\.zone.sums), letters, troubles)
        let locator = TroubleLocator(configuration: configuration, letters: letters, logger: logger)
        report.troubles = try await locator.locate(report.troubles, evidence)
        return report
    }

    /// Reads the files of all partitions, some partitions at once.
    private func read(
        _ partitions: [TopicPartition],
        _ histories: [TopicPartition: CommitRecordReader.History],
        _ files: [TopicPartition: [StoragePath]],
        _ zones: ZoneReader
    ) async throws -> [(partition: TopicPartition, zone: ZoneReader.PartitionZone)] {
        try await withThrowingTaskGroup(of: (TopicPartition, ZoneReader.PartitionZone).self) { group in
            var read: [(TopicPartition, ZoneReader.PartitionZone)] = []
            for (index, partition) in partitions.enumerated() {
                if index >= Limits.partitionsAtOnce, let zone = try await group.next() { read.append(zone) }
                let history = histories[partition]
                let paths = files[partition] ?? []
                group.addTask { (partition, try await zones.read(partition, history, paths)) }
            }
            for try await zone in group { read.append(zone) }
            return read.sorted { $0.0 < $1.0 }
        }
    }

    private static func evidence(
        _ partition: TopicPartition,
        _ zone: ZoneReader.PartitionZone,
        _ ends: Range<Int64>,
        _ letters: DeadLetterOffsets
    ) -> PartitionEvidence {
        var evidence = PartitionEvidence(
            partition: partition,
            earliest: ends.lowerBound,
            latest: ends.upperBound,
            commits: zone.commits
        )
        evidence.files = zone.files
        evidence.pending = zone.pending
        evidence.temporaries = zone.temporaries
        evidence.troubles = zone.troubles
        if letters.withoutPlace == 0, let commits = zone.commits {
            let own = (letters.offsets[partition] ?? []).filter { $0 < commits.next ?? 0 && $0 >= commits.beginning }
            evidence.deadLetters = Int64(own.count)
            evidence.deadLettersIncomplete = letters.isIncomplete
        }
        return evidence
    }

    /// Offsets that the consumer group has left behind though no commit record tells what became of them.
    private static func unexplained(_ evidence: PartitionEvidence, settled: Int64) -> AuditTrouble? {
        let explained = evidence.commits?.next ?? 0
        guard settled > explained else { return nil }
        return AuditTrouble(
            .offsetsUnexplained,
            topic: evidence.partition.topic,
            partition: evidence.partition.partition,
            offsets: explained...(settled - 1),
            what:
                "the consumer group says that these offsets are filed, and no commit record knows of them: the commit "
                + "records, and perhaps the files, are gone",
            advice: "look whether the storage is the right one; restore its commit records from a backup, or file the "
                + "topic anew under another connector name while Kafka still has the records"
        )
    }

    private func judge(
        _ evidence: [PartitionEvidence],
        sums: [UserSums],
        _ letters: DeadLetterOffsets,
        _ strange: [AuditTrouble]
    ) throws -> AuditReport {
        let checks = evidence.map(PartitionCheck.init)
        let reports = checks.map(\.report)
        var troubles = strange + checks.flatMap(\.troubles)
        var notes = checks.flatMap(\.notes)
        if letters.withoutPlace > 0 {
            notes.append(
                AuditNote(
                    topic: configuration.deadLetterTopic,
                    "\(letters.withoutPlace) records do not say where they come from, so the queue is not counted"
                )
            )
        }
        var truth: [TopicTruthReport] = []
        if let directory = configuration.truthDirectory {
            let truths = try GroundTruth.paths(in: directory).map { try GroundTruth.read(from: $0) }
            if truths.isEmpty {
                notes.append(AuditNote("there is no ground truth in \(directory) to compare with"))
            } else {
                let check = compare(truths, reports, sums)
                truth = check.reports
                troubles += check.troubles
                notes += check.notes
            }
        }
        return AuditReport(partitions: reports, truth: truth, troubles: troubles, notes: notes)
    }

    private func compare(_ truths: [GroundTruth], _ reports: [PartitionReport], _ sums: [UserSums]) -> TruthCheck {
        let all = sums.reduce(into: UserSums()) { $0 += $1 }
        let topics = CommunityTopic.allCases.map { topic in
            var evidence = TopicEvidence(topic: topic.name, reports: reports)
            evidence.hundredths = all.hundredths(of: topic)
            return evidence
        }
        return TruthCheck(truths: truths, topics: topics, sums: all)
    }
}
