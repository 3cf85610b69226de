import NIOCore

/// Record batches, as they were produced.
package struct FetchResponse: WireResponse {
    package static var api: APIKey { .fetch }

    /// A transaction whose records a reader of committed ones must leave out.
    package struct AbortedTransaction: WireFields {
        /// The producer of it.
        package var producerID: Int64 = 0
        /// Where it began.
        package var firstOffset: Int64 = 0

        package init() {}

        package init(producerID: Int64, firstOffset: Int64 = 0) {
            self.producerID = producerID
            self.firstOffset = firstOffset
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.int64(&producerID)
            try coder.int64(&firstOffset)
            try coder.taggedFields()
        }
    }

    /// The batches of one partition.
    package struct Partition: WireFields {
        /// The number of the partition.
        package var partition: Int32 = 0
        /// The outcome.
        package var errorCode = ErrorCode.none
        /// The offset behind the last record that is there for readers.
        package var highWatermark: Int64 = -1
        /// The offset before which all transactions are decided.
        package var lastStableOffset: Int64 = -1
        /// The first offset that the log still has.
        package var logStartOffset: Int64 = -1
        /// The aborted transactions among the records.
        package var abortedTransactions: [AbortedTransaction]?
        /// The node to read from instead; -1 for this one.
        package var preferredReadReplica: Int32 = -1
        /// The record batches. Never null, as Kafka has it: librdkafka parses no further answer then and asks again at once.
        package var records = FetchedRecords.bytes(ByteBuffer())

        package init() {}

        package init(
            partition: Int32,
            errorCode: ErrorCode = .none,
            highWatermark: Int64 = -1,
            lastStableOffset: Int64 = -1,
            logStartOffset: Int64 = -1,
            abortedTransactions: [AbortedTransaction]? = nil,
            preferredReadReplica: Int32 = -1,
            records: FetchedRecords = .bytes(ByteBuffer())
        ) {
            self.partition = partition
            self.errorCode = errorCode
            self.highWatermark = highWatermark
            self.lastStableOffset = lastStableOffset
            self.logStartOffset = logStartOffset
            self.abortedTransactions = abortedTransactions
            self.preferredReadReplica = preferredReadReplica
            self.records = records
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.int32(&partition)
            try coder.errorCode(&errorCode)
            try coder.int64(&highWatermark)
            try coder.int64(&lastStableOffset)
            if coder.version >= 5 { try coder.int64(&logStartOffset) }
            try coder.nullableArray(&abortedTransactions)
            if coder.version >= 11 { try coder.int32(&preferredReadReplica) }
            try coder.records(&records)
            try coder.taggedFields()
        }
    }

    /// The batches of one topic.
    package typealias Topic = TopicPartitions<Partition>

    /// How long the client must wait before its next request. No quotas are enforced here: 0.
    package var throttleMilliseconds: Int32 = 0
    /// The outcome for the session.
    package var errorCode = ErrorCode.none
    /// The fetch session; 0 for none.
    package var sessionID: Int32 = 0
    /// The batches by topic.
    package var topics: [Topic] = []

    package init() {}

    package init(
        throttleMilliseconds: Int32,
        errorCode: ErrorCode = .none,
        sessionID: Int32 = 0,
        topics: [Topic] = []
    ) {
        self.throttleMilliseconds = throttleMilliseconds
        self.errorCode = errorCode
        self.sessionID = sessionID
        self.topics = topics
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.int32(&throttleMilliseconds)
        if coder.version >= 7 {
            try coder.errorCode(&errorCode)
            try coder.int32(&sessionID)
        }
        try coder.array(&topics)
        try coder.taggedFields()
    }
}
