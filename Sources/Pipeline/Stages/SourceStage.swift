import Audit
import Community
import DataSource
import Foundation
import GroundTruth
import KafkaClient
import KafkaTopics
import Logging

/// The source of simulated events that `hera up` runs.
struct SourceStage: Sendable {
    private let configuration: PipelineConfiguration
    private let logger: Logger

    private let onProgress: @Sendable (SourceProgress) -> Void

    init(
        _ configuration: PipelineConfiguration,
        logger: Logger,
        onProgress: @escaping @Sendable (SourceProgress) -> Void
    ) {
        self.configuration = configuration
        self.logger = logger
        self.onProgress = onProgress
    }

    /// Sends events at the configured rate until graceful shutdown.
    func run(bootstrap: String) async throws {
        let settings = configuration.source
        var source = DataSourceConfiguration(
            community: CommunityConfiguration(seed: UInt64(settings.seed), initialSize: settings.initialSize),
            producer: ProducerConfiguration(bootstrap: [bootstrap]),
            startedAtMilliseconds: WallClock.milliseconds()
        )
        source.producer.client.clientID = "hera-source"
        source.rate = settings.rate
        let truthDirectory = PipelinePaths(data: configuration.data).truth
        source.truthDirectory = truthDirectory
        source.bootID = SourceResumption.bootID
        source.sentBefore = try await SourceResumption(
            community: source.community,
            truthDirectory: truthDirectory,
            bootID: source.bootID,
            logger: logger
        ).sentRecords(bootstrap: bootstrap)
        let events = DataSource(source, clock: ContinuousClock(), logger: logger, onProgress: onProgress)
        try await SourceService(events).run()
    }
}

/// Where the simulated events go on after a stop: the same seed makes the same sequence, so it is enough to know what
/// was sent of it.
///
/// After an ordered stop the ground truth says so exactly. After a crash the topics say it, partition by partition, by the
/// number of records they were given. Events of others, counted with them, make the source leave as many of its own out
/// of that partition. What went to a topic that has been deleted since is not sent again to the one that has its name now.
private struct SourceResumption: Sendable {
    let community: CommunityConfiguration
    let truthDirectory: String
    let bootID: String?
    let logger: Logger

    /// Identifies the boot of this machine; `nil` where the system does not tell.
    static var bootID: String? {
        (try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8))?
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// What earlier runs sent.
    func sentRecords(bootstrap: String) async throws -> SentRecords {
        var history = SourceHistory(of: community)
        for path in try GroundTruth.paths(in: truthDirectory) { history.add(try GroundTruth.read(from: path)) }
        guard history.isUncertain else { return history.sentRecords }
        let countsRecords = history.mayHaveGaps(bootID: bootID)
        return history.sentRecords(in: try await topics(bootstrap, countsRecords: countsRecords))
    }

    /// In the order of `CommunityTopic.allCases`.
    private func topics(_ bootstrap: String, countsRecords: Bool) async throws -> [SourceHistory.TopicState] {
        let client = ClientConfiguration(bootstrap: [bootstrap])
        var states: [SourceHistory.TopicState] = []
        for topic in CommunityTopic.allCases {
            let (id, ranges) = try await withAdmin(client, logger: logger) { admin in
                let partitions = try await admin.describeTopic(topic.name).topicPartitions
                let starts = try await admin.offsets(of: partitions, .earliest)
                let ends = try await admin.offsets(of: partitions, .latest)
                let ranges = partitions.map { partition in
                    let start = starts[partition] ?? 0
                    return (partition: partition, offsets: start..<max(start, ends[partition] ?? 0))
                }
                return (try await admin.topicIDs(of: [topic.name])[topic.name], ranges)
            }
            var counts = Dictionary(ranges.map { ($0.partition, Int($0.offsets.upperBound)) }) { first, _ in first }
            if countsRecords {
                // Offsets below the start were records once; retention took them.
                counts = Dictionary(ranges.map { ($0.partition, Int($0.offsets.lowerBound)) }) { first, _ in first }
                let open = Dictionary(ranges.map { ($0.partition, $0.offsets) }) { first, _ in first }
                try await TopicReader(client: client, logger: logger).read(open) { partition, _ in
                    counts[partition, default: 0] += 1
                }
            }
            states.append(SourceHistory.TopicState(id: id, counts: ranges.map { counts[$0.partition] ?? 0 }))
        }
        return states
    }
}
