/// What was remembered.
package struct OffsetCommitResponse: WireResponse {
    package static var api: APIKey { .offsetCommit }

    /// The outcome for one partition.
    package struct Partition: WireFields {
        /// The number of the partition.
        package var partition: Int32 = 0
        /// The outcome.
        package var errorCode = ErrorCode.none

        package init() {}

        package init(partition: Int32, errorCode: ErrorCode = .none) {
            self.partition = partition
            self.errorCode = errorCode
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.int32(&partition)
            try coder.errorCode(&errorCode)
            try coder.taggedFields()
        }
    }

    /// The outcome for one topic.
    package typealias Topic = TopicPartitions<Partition>

    /// How long the client must wait before its next request. No quotas are enforced here: 0.
    package var throttleMilliseconds: Int32 = 0
    /// The outcomes by topic.
    package var topics: [Topic] = []

    package init() {}

    package init(throttleMilliseconds: Int32, topics: [Topic] = []) {
        self.throttleMilliseconds = throttleMilliseconds
        self.topics = topics
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        if coder.version >= 3 { try coder.int32(&throttleMilliseconds) }
        try coder.array(&topics)
        try coder.taggedFields()
    }
}
