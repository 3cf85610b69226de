import KafkaClient
import KafkaTopics
import Logging

/// What the cluster says about a topic.
struct TopicFacts: Hashable, Sendable {
    /// How long it keeps its records, in milliseconds; `nil`: unlimited, or unknown.
    var retentionMilliseconds: Int64?
    /// Its id; `nil` where it is unknown.
    var id: String?
}

/// What the runner asks the cluster about topics, and makes there.
struct TopicSettings: Sendable {
    private static let retentionKey = "retention.ms"
    let client: ClientConfiguration
    let logger: Logger

    /// The facts about each of `topics`; those that could not be had are missing.
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
    /// Kafka does not notify clients that a topic's configuration changed, or that the topic was deleted and made again:
    /// librdkafka continues at the old offset. The interval bounds how long records of the new topic can be mistaken for
    /// those of the old one.
    func watch(
        _ topics: Set<String>,
        every interval: Duration,
        _ report: @Sendable ([String: TopicFacts]) -> Void
    ) async {
        while !Task.isCancelled {
            do {
                try await Task.sleep(for: interval)
                try await withAdmin(client, logger: logger) { admin in
                    while !Task.isCancelled {
                        report(try await facts(of: topics, admin))
                        try await Task.sleep(for: interval)
                    }
                }
            } catch is CancellationError {
                return
            } catch {
                logger.debug("the configuration of topics could not be read", metadata: [LogKeys.error: "\(error)"])
            }
        }
    }

    /// The facts about those of `topics` that exist.
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

    /// Makes the topic of the dead letter queue unless it exists.
    ///
    /// - Returns: whether the topic exists now.
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
            // It may exist all the same; writing to it shows that.
            logger.warning("the dead letter queue could not be made", metadata: [LogKeys.error: "\(error)"])
            return false
        }
    }
}
