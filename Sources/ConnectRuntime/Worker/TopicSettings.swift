import KafkaClient
import Logging

/// What the worker asks the cluster about topics, and makes there.
struct TopicSettings: Sendable {
    private static let retentionKey = "retention.ms"

    let client: ClientConfiguration
    let logger: Logger

    /// For how many milliseconds each of `topics` keeps its records; a topic that keeps them without end, or whose
    /// setting cannot be read, is missing.
    func retentions(of topics: Set<String>) async -> [String: Int64] {
        do {
            return try await withAdmin(client, logger: logger) { admin in
                var retentions: [String: Int64] = [:]
                for topic in topics {
                    let entry = try await admin.describeConfigs(ofTopic: topic).first { $0.name == Self.retentionKey }
                    if let milliseconds = entry?.value.flatMap({ Int64($0) }), milliseconds > 0 {
                        retentions[topic] = milliseconds
                    }
                }
                return retentions
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
