import ConnectAPI
package import KafkaClient

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

    /// Makes the topic by `create`, with `max.message.bytes` for the largest record that can be set aside. If the cluster
    /// refuses that, the topic is made with the cluster's default.
    ///
    /// - Returns: why the limit was refused; `nil` where it was not, or the topic existed before.
    /// - Throws: why there is no topic.
    package func makeTopic(
        _ create: (NewTopic) async throws(KafkaClientError) -> Void
    ) async throws(KafkaClientError) -> KafkaClientError? {
        var topic = NewTopic(
            name: self.topic,
            partitions: 1,
            replicationFactor: Int32(replicationFactor),
            configs: ["max.message.bytes": "\(DeadLetterQueue.recordBytesMax)"]
        )
        let refusal: KafkaClientError
        do throws(KafkaClientError) {
            try await create(topic)
            return nil
        } catch {
            if error.code == .alreadyExists { return nil }
            // A retriable error does not concern the limit.
            if error.isRetriable { throw error }
            refusal = error
        }
        topic.configs = [:]
        do throws(KafkaClientError) {
            try await create(topic)
            return refusal
        } catch {
            guard error.code == .alreadyExists else { throw error }
            return nil
        }
    }
}
