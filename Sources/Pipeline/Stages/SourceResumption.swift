import Community
import KafkaClient
import KafkaTopics
import Logging

/// Where the simulated events go on after a stop: the same seed makes the same sequence, so it is enough to know how
/// many of it were sent.
///
/// After an ordered stop the ground truth says so exactly. After a crash it does not; then the topics' own ends say it,
/// and events of others, counted with them, make the source pass over as many of its own: it may leave some out, it
/// never sends one twice.
struct SourceResumption: Sendable {
    let community: CommunityConfiguration
    let truthDirectory: String
    let logger: Logger

    /// How many records of the sequence were sent by earlier runs.
    func skippedRecords(bootstrap: String) async throws -> Int {
        var produced = 0
        var hasCrashed = false
        for path in try GroundTruth.paths(in: truthDirectory) {
            let truth = try GroundTruth.read(from: path)
            guard truth.seed == community.seed, truth.initialSize == community.initialSize else { continue }
            produced = max(produced, truth.producedCount)
            hasCrashed = hasCrashed || truth.outcome == .running
        }
        return hasCrashed ? max(produced, try await recordsInTopics(bootstrap)) : produced
    }

    private func recordsInTopics(_ bootstrap: String) async throws -> Int {
        try await withAdmin(ClientConfiguration(bootstrap: [bootstrap]), logger: logger) { admin in
            var partitions: [TopicPartition] = []
            for topic in CommunityTopic.allCases {
                partitions += try await admin.describeTopic(topic.name).topicPartitions
            }
            return Int(try await admin.offsets(of: partitions, .latest).values.reduce(0, +))
        }
    }
}
