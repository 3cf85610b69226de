package import ConnectAPI
package import KafkaClient
import KafkaTopics

/// The shared settings of a sink connector, read and checked.
package struct ConnectorSettings: Sendable {
    package let name: String
    package let topics: [String]
    package let tolerance: ErrorTolerance
    package let deadLetterQueue: DeadLetterQueueSettings?
    package let retry: RetryPolicy
    package let logsErrors: Bool
    /// Where a partition begins for which neither the sink nor the group knows a place.
    package let reset: OffsetReset
    /// Properties that are handed to the consumer as they are.
    package let consumerOverrides: [String: String]
    /// Properties that are handed to the dead letter queue's producer as they are.
    package let producerOverrides: [String: String]

    /// The consumer group.
    package var group: String { Self.group(ofConnector: name) }

    /// The consumer group of a sink connector, as Connect names it.
    package static func group(ofConnector name: String) -> String { "connect-\(name)" }

    /// Reads the shared settings out of `values`.
    ///
    /// - Throws: what is wrong with them beyond single values: settings that contradict each other, illegal names of
    ///   topics.
    package init(_ values: ConfigurationValues) throws(ConfigurationError) {
        name = values.text("name")
        topics = values.list("topics")
        tolerance = ErrorTolerance(rawValue: values.text("errors.tolerance")) ?? .none
        deadLetterQueue = DeadLetterQueueSettings(values)
        retry = RetryPolicy(
            timeoutMilliseconds: values.integer("errors.retry.timeout").flatMap { $0 < 0 ? nil : $0 },
            delayMillisecondsMax: values.integer("errors.retry.delay.max.ms") ?? 60_000
        )
        logsErrors = values.boolean("errors.log.enable")
        var overrides = values.settings(withPrefix: "consumer.override.")
        let resetName = overrides.removeValue(forKey: "auto.offset.reset") ?? OffsetReset.earliest.rawValue
        reset = OffsetReset(rawValue: resetName) ?? .earliest
        consumerOverrides = overrides
        producerOverrides = values.settings(withPrefix: "producer.override.")
        let problems = contradictions(resetName: resetName)
        guard problems.isEmpty else { throw ConfigurationError(problems) }
    }

    private func contradictions(resetName: String) -> [ConfigurationProblem] {
        var problems: [ConfigurationProblem] = []
        for topic in topics {
            if let problem = TopicName.problem(with: topic) {
                problems.append(ConfigurationProblem(key: "topics", message: problem))
            }
        }
        if let topic = deadLetterQueue?.topic, let problem = TopicName.problem(with: topic) {
            problems.append(ConfigurationProblem(key: DeadLetterQueueSettings.topicKey, message: problem))
        }
        if let topic = deadLetterQueue?.topic, topics.contains(topic) {
            let message = "'\(topic)' is one of the topics that are filed: its records would go round for ever"
            problems.append(ConfigurationProblem(key: DeadLetterQueueSettings.topicKey, message: message))
        }
        if tolerance == .all, deadLetterQueue == nil {
            let message =
                "is missing: errors.tolerance=all would drop records without a trace. Name a topic for them, such as "
                + "'dlq_\(name)'"
            problems.append(ConfigurationProblem(key: DeadLetterQueueSettings.topicKey, message: message))
        }
        if OffsetReset(rawValue: resetName) == nil {
            let words = OffsetReset.allCases.map(\.rawValue).joined(separator: ", ")
            let message = "'\(resetName)' is not one of \(words)"
            problems.append(ConfigurationProblem(key: "consumer.override.auto.offset.reset", message: message))
        }
        return problems
    }
}
