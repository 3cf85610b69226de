/// Asks which idempotent producers partitions remember (KIP-664).
package struct DescribeProducersRequest: WireRequest {
    package static var api: APIKey { .describeProducers }

    package typealias Topic = TopicPartitions<Int32>

    /// The partitions by topic.
    package var topics: [Topic] = []

    package init() {}

    package init(topics: [Topic]) { self.topics = topics }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.array(&topics)
        try coder.taggedFields()
    }
}

/// The producers by partition.
package struct DescribeProducersResponse: WireResponse {
    package static var api: APIKey { .describeProducers }

    /// One producer.
    package struct Producer: WireFields {
        /// The id of the producer.
        package var producerID: Int64 = 0
        /// Its newest epoch.
        package var epoch: Int32 = 0
        /// The sequence number of its last record.
        package var lastSequence: Int32 = -1
        /// When its last batch was appended, in ms since 1970.
        package var lastTimestamp: Int64 = -1
        /// The epoch of its transaction coordinator; -1 where it has none.
        package var coordinatorEpoch: Int32 = -1
        /// The first offset of its open transaction; -1 where it has none.
        package var transactionStartOffset: Int64 = -1

        package init() {}

        package init(producerID: Int64, epoch: Int32, lastSequence: Int32, lastTimestamp: Int64) {
            self.producerID = producerID
            self.epoch = epoch
            self.lastSequence = lastSequence
            self.lastTimestamp = lastTimestamp
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.int64(&producerID)
            try coder.int32(&epoch)
            try coder.int32(&lastSequence)
            try coder.int64(&lastTimestamp)
            try coder.int32(&coordinatorEpoch)
            try coder.int64(&transactionStartOffset)
            try coder.taggedFields()
        }
    }

    /// One partition.
    package struct Partition: WireFields {
        /// The number of the partition.
        package var partition: Int32 = 0
        /// The outcome.
        package var errorCode = ErrorCode.none
        /// The outcome in words.
        package var errorMessage: String?
        /// Its producers.
        package var producers: [Producer] = []

        package init() {}

        package init(
            partition: Int32,
            errorCode: ErrorCode = .none,
            errorMessage: String? = nil,
            producers: [Producer] = []
        ) {
            self.partition = partition
            self.errorCode = errorCode
            self.errorMessage = errorMessage
            self.producers = producers
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.int32(&partition)
            try coder.errorCode(&errorCode)
            try coder.nullableString(&errorMessage)
            try coder.array(&producers)
            try coder.taggedFields()
        }
    }

    package typealias Topic = TopicPartitions<Partition>

    /// How long the client must wait before its next request. No quotas are enforced here: 0.
    package var throttleMilliseconds: Int32 = 0
    /// The partitions by topic.
    package var topics: [Topic] = []

    package init() {}

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.int32(&throttleMilliseconds)
        try coder.array(&topics)
        try coder.taggedFields()
    }
}
