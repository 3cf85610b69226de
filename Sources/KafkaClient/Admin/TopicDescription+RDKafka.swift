import CRdKafka

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
