package import NIOCore

/// Appends record batches to partitions. Their bytes are slices of the request: nothing is copied.
package struct ProduceRequest: WireRequest {
    package static var api: APIKey { .produce }

    /// The batches for one partition.
    package struct Partition: WireFields {
        /// The number of the partition.
        package var partition: Int32 = 0
        /// The record batches, as they came.
        package var records: ByteBuffer?

        package init() {}

        package init(partition: Int32, records: ByteBuffer? = nil) {
            self.partition = partition
            self.records = records
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.int32(&partition)
            try coder.nullableBytes(&records)
            try coder.taggedFields()
        }
    }

    /// The batches for one topic.
    package typealias Topic = TopicPartitions<Partition>

    /// The id of a transactional producer.
    package var transactionalID: String?
    /// When to answer: 0 never, 1 when the leader has the records, -1 when all replicas in sync have them.
    package var acks: Int16 = 0
    /// How long the client waits.
    package var timeoutMilliseconds: Int32 = 0
    /// The batches by topic.
    package var topics: [Topic] = []

    package init() {}

    package init(transactionalID: String?, acks: Int16 = 0, timeoutMilliseconds: Int32 = 0, topics: [Topic] = []) {
        self.transactionalID = transactionalID
        self.acks = acks
        self.timeoutMilliseconds = timeoutMilliseconds
        self.topics = topics
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        if coder.version >= 3 { try coder.nullableString(&transactionalID) }
        try coder.int16(&acks)
        try coder.int32(&timeoutMilliseconds)
        try coder.array(&topics)
        try coder.taggedFields()
    }
}
