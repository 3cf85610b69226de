import KafkaClient
import KafkaTopics
import Logging

/// What the cluster says about a topic.
struct TopicFacts: Hashable, Sendable {
    /// How long it keeps its records, in milliseconds; `nil`: unlimited, or unknown.
    var retentionMilliseconds: Int64?
    /// Its id; `nil` where the broker does not tell.
    var id: String?
    /// Why the broker does not tell its settings.
    var refusal: KafkaClientError?
}

/// What the runner asks the cluster about topics, and makes there.
struct TopicSettings: Sendable {
    private static let retentionKey = "retention.ms"
    let admin: KafkaAdmin
    let logger: Logger

    /// The facts about those of `topics` that exist.
    ///
    /// - Throws: where the cluster cannot be asked now.
    func facts(of topics: Set<String>) async throws(KafkaClientError) -> [String: TopicFacts] {
        let answers = try await admin.describeConfigs(ofTopics: topics)
        let ids = try await admin.topicIDs(describedBy: answers)
        var facts: [String: TopicFacts] = [:]
        for (topic, answer) in answers {
            switch answer {
            case .success(let settings):
                let retention = settings.first { $0.name == Self.retentionKey }?.value.flatMap { Int64($0) }
                facts[topic] = TopicFacts(
                    retentionMilliseconds: retention.flatMap { $0 > 0 ? $0 : nil },
                    id: ids[topic]
                )
            case .failure(let error) where error.code == .unknownTopic: continue
            case .failure(let error): facts[topic] = TopicFacts(id: ids[topic], refusal: error)
            }
        }
        return facts
    }

    /// Asks about `topics` again and again until its task is cancelled: Kafka does not notify clients that a topic's
    /// configuration changed, or that the topic was deleted and made again.
    func watch(
        _ topics: Set<String>,
        every interval: Duration,
        _ report: @Sendable ([String: TopicFacts]) -> Void
    ) async {
        while !Task.isCancelled {
            do {
                try await Task.sleep(for: interval)
                report(try await facts(of: topics))
            } catch is CancellationError {
                return
            } catch {
                logger.debug("the configuration of topics could not be read", metadata: [LogKeys.error: "\(error)"])
            }
        }
    }

    /// Makes the topic of the dead letter queue unless it exists.
    ///
    /// - Returns: whether the topic exists now.
    func makeQueue(_ queue: DeadLetterQueueSettings) async -> Bool {
        do {
            let refusal = try await queue.makeTopic { topic throws(KafkaClientError) in
                try await admin.createTopic(topic)
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
