package import KafkaTopics

/// A topic of a ``LogManager``.
package struct TopicMetadata: Codable, Hashable, Sendable {
    package let name: String
    /// How many partitions it has, numbered from 0.
    package let partitionCount: Int32
    /// Settings that were chosen for it, by Kafka's names; see ``LogConfiguration/applying(_:)``.
    package internal(set) var overrides: [String: String]

    /// Its partitions, in order.
    package var partitions: [TopicPartition] {
        (0..<partitionCount).map { TopicPartition(topic: name, partition: $0) }
    }
}
