package import KafkaTopics

/// A topic as the cluster's metadata has it.
package struct TopicDescription: Hashable, Sendable {
    /// One partition of it.
    package struct Partition: Hashable, Sendable {
        package let number: Int32
        /// The broker that leads it; `nil` while there is none.
        package let leader: Int32?
        /// The brokers that keep it.
        package let replicas: [Int32]
        /// Those of them that have all of it.
        package let inSyncReplicas: [Int32]
    }

    package let name: String
    /// In order of their numbers.
    package let partitions: [Partition]

    /// The topic's partitions by name and number.
    package var topicPartitions: [TopicPartition] {
        partitions.map { TopicPartition(topic: name, partition: $0.number) }
    }
}
