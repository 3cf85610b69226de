/// Deletes the records of partitions before an offset.
package struct DeleteRecordsRequest: WireRequest {
    package static var api: APIKey { .deleteRecords }

    /// The offset that means the end of the partition.
    package static let endOffset: Int64 = -1

    /// Where a partition shall begin.
    package struct Partition: WireFields {
        /// The number of the partition.
        package var partition: Int32 = 0
        /// Records before it are deleted; ``DeleteRecordsRequest/endOffset`` deletes all that there are.
        package var offset: Int64 = 0

        package init() {}

        package init(partition: Int32, offset: Int64) {
            self.partition = partition
            self.offset = offset
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.int32(&partition)
            try coder.int64(&offset)
            try coder.taggedFields()
        }
    }

    package typealias Topic = TopicPartitions<Partition>

    /// The partitions by topic.
    package var topics: [Topic] = []
    /// How long the client waits.
    package var timeoutMilliseconds: Int32 = 0

    package init() {}

    package init(topics: [Topic], timeoutMilliseconds: Int32 = 60_000) {
        self.topics = topics
        self.timeoutMilliseconds = timeoutMilliseconds
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.array(&topics)
        try coder.int32(&timeoutMilliseconds)
        try coder.taggedFields()
    }
}

/// Where the partitions begin now.
package struct DeleteRecordsResponse: WireResponse {
    package static var api: APIKey { .deleteRecords }

    /// The outcome for one partition.
    package struct Partition: WireFields {
        /// The number of the partition.
        package var partition: Int32 = 0
        /// The offset of its first record; -1 in an error.
        package var lowWatermark: Int64 = -1
        /// The outcome.
        package var errorCode = ErrorCode.none

        package init() {}

        package init(partition: Int32, lowWatermark: Int64 = -1, errorCode: ErrorCode = .none) {
            self.partition = partition
            self.lowWatermark = lowWatermark
            self.errorCode = errorCode
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.int32(&partition)
            try coder.int64(&lowWatermark)
            try coder.errorCode(&errorCode)
            try coder.taggedFields()
        }
    }

    package typealias Topic = TopicPartitions<Partition>

    /// How long the client must wait before its next request. No quotas are enforced here: 0.
    package var throttleMilliseconds: Int32 = 0
    /// The outcomes by topic.
    package var topics: [Topic] = []

    package init() {}

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.int32(&throttleMilliseconds)
        try coder.array(&topics)
        try coder.taggedFields()
    }
}
