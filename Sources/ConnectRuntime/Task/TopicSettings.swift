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

/// What the runner asks the cluster about topics, and makes there.
struct TopicSettings: Sendable {
    private static let retentionKey = "retention.ms"
    let client: ClientConfiguration
    let logger: Logger

    /// What is to be known of each of `topics`; one that cannot be asked about is missing.
    func facts(of topics: Set<String>) async -> [String: TopicFacts] {
        do {
            return try await withAdmin(client, logger: logger) { try await facts(of: topics, $0) }
        } catch {
            logger.warning(
                "it is not known how long topics keep their records; files are closed without regard to it",
                metadata: [LogKeys.error: "\(error)"]
            )
            return [:]
        }
    }

    /// Asks about `topics` again and again until its task is cancelled, with one client as long as that gets answers.
    ///
    /// Kafka tells no client that a topic's settings were changed, or that it was deleted and made again under a consumer:
    /// librdkafka goes on reading at the old offset. So the time between two questions bounds for how long records of a new
    /// topic can be taken for those of the old one.
    func watch(
        _ topics: Set<String>,
        every interval: Duration,
        _ tell: @Sendable ([String: TopicFacts]) -> Void
    ) async {
        while !Task.isCancelled {
            do {
                try await Task.sleep(for: interval)
                try await withAdmin(client, logger: logger) { admin in
                    while !Task.isCancelled {
                        tell(try await facts(of: topics, admin))
                        try await Task.sleep(for: interval)
                    }
                }
            } catch is CancellationError {
                return
            } catch {
                logger.debug("topics do not tell how they are now", metadata: [LogKeys.error: "\(error)"])
            }
        }
    }

    /// What is to be known of those of `topics` that are there.
    private func facts(
        of topics: Set<String>,
        _ admin: KafkaAdmin
    ) async throws(KafkaClientError) -> [String: TopicFacts] {
        let ids = await admin.topicIDs(of: topics)
        var facts: [String: TopicFacts] = [:]
        for topic in topics.sorted() {
            let entries: [TopicConfig]
            do throws(KafkaClientError) {
                entries = try await admin.describeConfigs(ofTopic: topic)
            } catch let error where error.code == .unknownTopic {
                continue
            }
            let retention = entries.first { $0.name == Self.retentionKey }?.value.flatMap { Int64($0) }
            facts[topic] = TopicFacts(
                retentionMilliseconds: retention.flatMap { $0 > 0 ? $0 : nil },
                id: ids[topic]
            )
        }
        return facts
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
