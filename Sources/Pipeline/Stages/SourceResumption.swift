import Community
import DataSource
import KafkaClient
import Logging

/// Where the simulated events go on after a stop: the same seed makes the same sequence, so it is enough to know what
/// was sent of it.
///
/// After an ordered stop the ground truth says so exactly. After a crash the topics' own ends say it, partition by
/// partition. Events of others, counted with them, make the source leave as many of its own out of that partition; it
/// sends none twice unless a partition's end has gone back before the crash, see `PassedRecords`.
struct SourceResumption: Sendable {
    let community: CommunityConfiguration
    let truthDirectory: String
    let logger: Logger

    /// What earlier runs sent.
    func sentRecords(bootstrap: String) async throws -> SentRecords {
        var history = SourceHistory(of: community)
        for path in try GroundTruth.paths(in: truthDirectory) { history.add(try GroundTruth.read(from: path)) }
        guard history.isUncertain else { return history.sentRecords }
        return history.sentRecords(endOffsets: try await endOffsets(bootstrap))
    }

    /// By topic, then by partition.
    private func endOffsets(_ bootstrap: String) async throws -> [[Int]] {
        try await withAdmin(ClientConfiguration(bootstrap: [bootstrap]), logger: logger) { admin in
            var ends: [[Int]] = []
            for topic in CommunityTopic.allCases {
                let partitions = try await admin.describeTopic(topic.name).topicPartitions
                let offsets = try await admin.offsets(of: partitions, .latest)
                ends.append(partitions.map { Int(offsets[$0] ?? 0) })
            }
            return ends
        }
    }
}
