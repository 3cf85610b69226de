import ConnectAPI

/// Where records that were set aside go.
package struct DeadLetterQueueSettings: Hashable, Sendable {
    static let topicKey = "errors.deadletterqueue.topic.name"

    package let topic: String
    package let replicationFactor: Int16
    /// Whether each record says in headers where it comes from and what is wrong.
    package let hasContextHeaders: Bool

    /// `nil` where no topic is named.
    init?(_ values: ConfigurationValues) {
        guard let topic = values.string(Self.topicKey), !topic.isEmpty else { return nil }
        self.topic = topic
        replicationFactor = Int16(clamping: values.integer("errors.deadletterqueue.topic.replication.factor") ?? 1)
        hasContextHeaders = values.boolean("errors.deadletterqueue.context.headers.enable")
    }
}
