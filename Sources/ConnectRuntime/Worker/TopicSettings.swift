import KafkaClient
import KafkaTopics
import Logging

/// What the cluster says of a topic.
struct TopicFacts: Hashable, Sendable {
    /// For how many milliseconds it keeps its records; `nil`: without end, or nobody says.
    var retentionMilliseconds: Int64?
    /// Its id; `nil` where the cluster does not tell.
    var id: String?
}

/// What the worker asks the cluster about topics, and makes there.
struct TopicSettings: Sendable {
    private static let retentionKey = "retention.ms"
    let client: ClientConfiguration
    let logger: Logger

    /// What is to be known of each of `topics`; one that cannot be asked about is missing.
    func facts(of topics: Set<String>) async -> [String: TopicFacts] {
        do {
            return try await withAdmin(client, logger: logger) { admin in
                let ids = await admin.topicIDs(of: topics)
                var facts: [String: TopicFacts] = [:]
                for topic in topics.sorted() {
                    let entries = try await admin.describeConfigs(ofTopic: topic)
                    let retention = entries.first { $0.name == Self.retentionKey }?.value.flatMap { Int64($0) }
                    facts[topic] = TopicFacts(
                        retentionMilliseconds: retention.flatMap { $0 > 0 ? $0 : nil },
                        id: entries.first { $0.name == TopicName.idConfiguration }?.value ?? ids[topic]
                    )
                }
                return facts
            }
        } catch {
            logger.warning(
                "it is not known how long topics keep their records; files are closed without regard to it",
                metadata: [LogKeys.error: "\(error)"]
            )
            return [:]
        }
    }

    /// Makes the topic of the dead letter queue where there is none yet.
    ///
    /// - Returns: whether the topic is there now.
    func makeQueue(_ queue: DeadLetterQueueSettings) async -> Bool {
        do {
            let refusal = try await withAdmin(client, logger: logger) { admin in
                try await queue.makeTopic { topic throws(KafkaClientError) in try await admin.createTopic(topic) }
            }
            if let refusal {
                logger.warning(
                    "the dead letter queue takes no greater records than the cluster's other topics",
                    metadata: [LogKeys.error: "\(refusal)"]
                )
            }
            return true
        } catch {
            // Somebody else may have made it; writing into it says so.
            logger.warning("the dead letter queue could not be made", metadata: [LogKeys.error: "\(error)"])
            return false
        }
    }
}
