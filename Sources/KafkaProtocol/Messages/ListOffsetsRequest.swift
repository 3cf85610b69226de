/// Asks for offsets by time.
package struct ListOffsetsRequest: WireRequest {
    package static var api: APIKey { .listOffsets }

    /// The question for one partition.
    package struct Partition: WireFields {
        /// The number of the partition.
        package var partition: Int32 = 0
        /// The leader epoch that the client knows; -1 if none.
        package var currentLeaderEpoch: Int32 = -1
        /// The time in milliseconds since 1970, or one of ``OffsetTimestamp``.
        package var timestamp: Int64 = 0

        package init() {}

        package init(partition: Int32, currentLeaderEpoch: Int32 = -1, timestamp: Int64 = 0) {
            self.partition = partition
            self.currentLeaderEpoch = currentLeaderEpoch
            self.timestamp = timestamp
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.int32(&partition)
            if coder.version >= 4 { try coder.int32(&currentLeaderEpoch) }
            try coder.int64(&timestamp)
            try coder.taggedFields()
        }
    }

    /// The questions for one topic.
    package typealias Topic = TopicPartitions<Partition>

    /// The node that follows; -1 for a client.
    package var replicaID: Int32 = -1
    /// 0 sees all records, 1 those of committed transactions only.
    package var isolationLevel: Int8 = 0
    /// The questions by topic.
    package var topics: [Topic] = []
    /// How long to look in remote storage.
    package var timeoutMilliseconds: Int32 = 0

    package init() {}

    package init(replicaID: Int32, isolationLevel: Int8 = 0, topics: [Topic] = [], timeoutMilliseconds: Int32 = 0) {
        self.replicaID = replicaID
        self.isolationLevel = isolationLevel
        self.topics = topics
        self.timeoutMilliseconds = timeoutMilliseconds
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.int32(&replicaID)
        if coder.version >= 2 { try coder.int8(&isolationLevel) }
        try coder.array(&topics)
        if coder.version >= 10 { try coder.int32(&timeoutMilliseconds) }
        try coder.taggedFields()
    }
}
