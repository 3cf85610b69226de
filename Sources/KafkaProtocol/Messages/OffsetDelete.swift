/// Deletes what a group committed of some partitions (KIP-496).
package struct OffsetDeleteRequest: WireRequest {
    package static var api: APIKey { .offsetDelete }

    /// The partitions of one topic.
    package typealias Topic = TopicPartitions<Int32>

    /// The group.
    package var groupID = ""
    /// The partitions by topic.
    package var topics: [Topic] = []

    package init() {}

    package init(groupID: String, topics: [Topic] = []) {
        self.groupID = groupID
        self.topics = topics
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.string(&groupID)
        try coder.array(&topics)
        try coder.taggedFields()
    }
}

/// What was deleted.
package struct OffsetDeleteResponse: WireResponse {
    package static var api: APIKey { .offsetDelete }

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

    /// The outcome for the group.
    package var errorCode = ErrorCode.none
    /// How long the client must wait before its next request. No quotas are enforced here: 0.
    package var throttleMilliseconds: Int32 = 0
    /// The outcomes by topic.
    package var topics: [Topic] = []

    package init() {}

    package init(errorCode: ErrorCode, topics: [Topic] = []) {
        self.errorCode = errorCode
        self.topics = topics
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.errorCode(&errorCode)
        try coder.int32(&throttleMilliseconds)
        try coder.array(&topics)
        try coder.taggedFields()
    }
}
