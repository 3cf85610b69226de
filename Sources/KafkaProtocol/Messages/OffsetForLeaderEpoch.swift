/// Asks where the records of a leader epoch end, so that a reader notices when its own place is not of this log any more
/// (KIP-101, KIP-320).
package struct OffsetForLeaderEpochRequest: WireRequest {
    package static var api: APIKey { .offsetForLeaderEpoch }

    /// The question for one partition.
    package struct Partition: WireFields {
        /// The number of the partition.
        package var partition: Int32 = 0
        /// The leader epoch that the client knows; -1 if none.
        package var currentLeaderEpoch: Int32 = -1
        /// The epoch that is asked about.
        package var leaderEpoch: Int32 = 0

        package init() {}

        package init(partition: Int32, currentLeaderEpoch: Int32 = -1, leaderEpoch: Int32) {
            self.partition = partition
            self.currentLeaderEpoch = currentLeaderEpoch
            self.leaderEpoch = leaderEpoch
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.int32(&partition)
            try coder.int32(&currentLeaderEpoch)
            try coder.int32(&leaderEpoch)
            try coder.taggedFields()
        }
    }

    /// The questions for one topic.
    package typealias Topic = TopicPartitions<Partition>

    /// The node that follows; -1 for a client, -2 where it is not said.
    package var replicaID: Int32 = -2
    /// The questions by topic.
    package var topics: [Topic] = []

    package init() {}

    package init(replicaID: Int32 = -1, topics: [Topic]) {
        self.replicaID = replicaID
        self.topics = topics
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        if coder.version >= 3 { try coder.int32(&replicaID) }
        try coder.array(&topics)
        try coder.taggedFields()
    }
}

/// Where epochs end.
package struct OffsetForLeaderEpochResponse: WireResponse {
    package static var api: APIKey { .offsetForLeaderEpoch }

    /// The answer for one partition.
    package struct Partition: WireFields {
        /// The outcome.
        package var errorCode = ErrorCode.none
        /// The number of the partition.
        package var partition: Int32 = 0
        /// The greatest epoch of the log that is not greater than the one asked about; -1 if there is none.
        package var leaderEpoch: Int32 = -1
        /// The offset after the last record of that epoch; -1 if it is unknown.
        package var endOffset: Int64 = -1

        package init() {}

        package init(partition: Int32, errorCode: ErrorCode = .none, leaderEpoch: Int32 = -1, endOffset: Int64 = -1) {
            self.partition = partition
            self.errorCode = errorCode
            self.leaderEpoch = leaderEpoch
            self.endOffset = endOffset
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.errorCode(&errorCode)
            try coder.int32(&partition)
            try coder.int32(&leaderEpoch)
            try coder.int64(&endOffset)
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

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.int32(&throttleMilliseconds)
        try coder.array(&topics)
        try coder.taggedFields()
    }
}
