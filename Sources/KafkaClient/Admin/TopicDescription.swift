import CRdKafka
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

extension TopicDescription {
    /// A topic of librdkafka's metadata, copied.
    init(_ topic: rd_kafka_metadata_topic) {
        name = String(cString: topic.topic)
        partitions = UnsafeBufferPointer(start: topic.partitions, count: Int(topic.partition_cnt))
            .map(Partition.init)
            .sorted { $0.number < $1.number }
    }
}

extension TopicDescription.Partition {
    init(_ partition: rd_kafka_metadata_partition) {
        number = partition.id
        leader = partition.leader < 0 ? nil : partition.leader
        replicas = Array(UnsafeBufferPointer(start: partition.replicas, count: Int(partition.replica_cnt)))
        inSyncReplicas = Array(UnsafeBufferPointer(start: partition.isrs, count: Int(partition.isr_cnt)))
    }
}

/// One setting of a topic.
package struct TopicConfig: Hashable, Sendable {
    package let name: String
    /// Its value; `nil` where the broker hides it.
    package let value: String?
    /// Whether it has the cluster's value, since the topic sets none.
    package let isDefault: Bool
    package let isReadOnly: Bool
}

extension TopicConfig {
    /// An entry of librdkafka's answer, copied. The broker itself hides values that are secrets.
    init(_ entry: OpaquePointer) {
        name = String(cString: rd_kafka_ConfigEntry_name(entry))
        let isHidden = rd_kafka_ConfigEntry_is_sensitive(entry) == 1
        value = isHidden ? nil : rd_kafka_ConfigEntry_value(entry).map { String(cString: $0) }
        isDefault = rd_kafka_ConfigEntry_source(entry) != RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG
        isReadOnly = rd_kafka_ConfigEntry_is_read_only(entry) == 1
    }
}
