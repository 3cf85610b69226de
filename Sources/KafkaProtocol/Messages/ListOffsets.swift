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

/// The timestamps with a special meaning in ``ListOffsetsRequest``.
package enum OffsetTimestamp {
    /// The offset that the next record will have.
    package static let latest: Int64 = -1
    /// The first offset that the log still has.
    package static let earliest: Int64 = -2
    /// The offset of the record with the greatest timestamp, from version 7 on (KIP-734).
    package static let maximum: Int64 = -3
    /// The first offset on this node's own disks, from version 8 on (KIP-405): ``earliest`` without remote storage.
    package static let earliestLocal: Int64 = -4
    /// The last offset in remote storage, from version 9 on (KIP-1005): none, -1, without it.
    package static let latestTiered: Int64 = -5
}
