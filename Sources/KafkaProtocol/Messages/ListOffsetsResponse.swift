/// The offsets found.
package struct ListOffsetsResponse: WireResponse {
    package static var api: APIKey { .listOffsets }

    /// The answer for one partition.
    package struct Partition: WireFields {
        /// The number of the partition.
        package var partition: Int32 = 0
        /// The outcome.
        package var errorCode = ErrorCode.none
        /// The time of the record at that offset; -1 where the question was not about time.
        package var timestamp: Int64 = -1
        /// The offset; -1 if there is none.
        package var offset: Int64 = -1
        /// The leader epoch of that record; -1 if unknown.
        package var leaderEpoch: Int32 = -1

        package init() {}

        package init(
            partition: Int32,
            errorCode: ErrorCode = .none,
            timestamp: Int64 = -1,
            offset: Int64 = -1,
            leaderEpoch: Int32 = -1
        ) {
            self.partition = partition
            self.errorCode = errorCode
            self.timestamp = timestamp
            self.offset = offset
            self.leaderEpoch = leaderEpoch
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.int32(&partition)
            try coder.errorCode(&errorCode)
            try coder.int64(&timestamp)
            try coder.int64(&offset)
            if coder.version >= 4 { try coder.int32(&leaderEpoch) }
            try coder.taggedFields()
        }
    }

    /// The answers for one topic.
    package typealias Topic = TopicPartitions<Partition>

    /// How long the client must wait before its next request. No quotas are enforced here: 0.
    package var throttleMilliseconds: Int32 = 0
    /// The answers by topic.
    package var topics: [Topic] = []

    package init() {}

    package init(throttleMilliseconds: Int32, topics: [Topic] = []) {
        self.throttleMilliseconds = throttleMilliseconds
        self.topics = topics
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        if coder.version >= 2 { try coder.int32(&throttleMilliseconds) }
        try coder.array(&topics)
        try coder.taggedFields()
    }
}
