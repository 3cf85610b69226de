package import KafkaTopics

/// Where a record was written.
package struct RecordMetadata: Hashable, Sendable {
    package let topicPartition: TopicPartition
    /// Its offset; -1 with `acks=0`, where the broker tells nothing.
    package let offset: Int64
    /// From `send` to the acknowledgement.
    package let latency: Duration
}
