import CRdKafka
import KafkaTopics

/// librdkafka's list of partitions with offsets, owned.
struct TopicPartitionList: ~Copyable {
    /// The list, valid as long as this value.
    let list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>

    /// A list of these partitions and offsets; librdkafka ends the program where it has no memory for it.
    init(_ offsets: [TopicPartition: Int64]) {
        list = rd_kafka_topic_partition_list_new(Int32(offsets.count))
        for (partition, offset) in offsets.sorted(by: { $0.key < $1.key }) {
            rd_kafka_topic_partition_list_add(list, partition.topic, partition.partition).pointee.offset = offset
        }
    }

    /// A list of these partitions without offsets.
    init(_ partitions: some Sequence<TopicPartition>) {
        self.init(Dictionary(partitions.map { ($0, Int64(RD_KAFKA_OFFSET_INVALID)) }) { first, _ in first })
    }

    /// The partitions of a list that stays its owner's, in its order.
    static func partitions(of list: UnsafePointer<rd_kafka_topic_partition_list_t>?) -> [TopicPartition] {
        entries(of: list).map(\.partition)
    }

    /// What the list says of each partition now, in its order.
    var entries: [Entry] { Self.entries(of: list) }

    /// One line of a list.
    struct Entry {
        let partition: TopicPartition
        let offset: Int64
        let error: rd_kafka_resp_err_t
    }

    static func entries(of list: UnsafePointer<rd_kafka_topic_partition_list_t>?) -> [Entry] {
        guard let list, let elements = list.pointee.elems else { return [] }
        return (0..<Int(list.pointee.cnt)).map { index in
            Entry(
                partition: TopicPartition(
                    topic: String(cString: elements[index].topic),
                    partition: elements[index].partition
                ),
                offset: elements[index].offset,
                error: elements[index].err
            )
        }
    }

    deinit { rd_kafka_topic_partition_list_destroy(list) }
}
