package import NIOCore

/// Appends record batches to partitions. Their bytes are slices of the request: nothing is copied.
package struct ProduceRequest: TopicIDRequest {
    package static var api: APIKey { .produce }
    package static var firstVersionWithTopicIDs: Int16 { 13 }

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
    package typealias Topic = IdentifiedTopic<ProduceRequest, Partition>

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

/// Where the batches were appended.
package struct ProduceResponse: WireResponse {
    package static var api: APIKey { .produce }

    /// A record for whose sake its batch was refused.
    package struct RecordError: WireFields {
        /// The place of the record in its batch.
        package var batchIndex: Int32 = 0
        /// What is wrong with it.
        package var message: String?

        package init() {}

        package init(batchIndex: Int32, message: String? = nil) {
            self.batchIndex = batchIndex
            self.message = message
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.int32(&batchIndex)
            try coder.nullableString(&message)
            try coder.taggedFields()
        }
    }

    /// The outcome for one partition.
    package struct Partition: WireFields {
        /// The number of the partition.
        package var partition: Int32 = 0
        /// The outcome.
        package var errorCode = ErrorCode.none
        /// The offset of the first record appended; -1 if none was.
        package var baseOffset: Int64 = -1
        /// The time of the append, where the topic counts by it; else -1.
        package var logAppendMilliseconds: Int64 = -1
        /// The first offset that the log still has.
        package var logStartOffset: Int64 = -1
        /// The records to blame.
        package var recordErrors: [RecordError] = []
        /// The outcome in words.
        package var errorMessage: String?

        package init() {}

        package init(
            partition: Int32,
            errorCode: ErrorCode = .none,
            baseOffset: Int64 = -1,
            logAppendMilliseconds: Int64 = -1,
            logStartOffset: Int64 = -1,
            recordErrors: [RecordError] = [],
            errorMessage: String? = nil
        ) {
            self.partition = partition
            self.errorCode = errorCode
            self.baseOffset = baseOffset
            self.logAppendMilliseconds = logAppendMilliseconds
            self.logStartOffset = logStartOffset
            self.recordErrors = recordErrors
            self.errorMessage = errorMessage
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.int32(&partition)
            try coder.errorCode(&errorCode)
            try coder.int64(&baseOffset)
            if coder.version >= 2 { try coder.int64(&logAppendMilliseconds) }
            if coder.version >= 5 { try coder.int64(&logStartOffset) }
            if coder.version >= 8 {
                try coder.array(&recordErrors)
                try coder.nullableString(&errorMessage)
            }
            try coder.taggedFields()
        }
    }

    /// The outcome for one topic.
    package typealias Topic = IdentifiedTopic<ProduceRequest, Partition>

    /// The outcomes by topic.
    package var topics: [Topic] = []
    /// How long the client must wait before its next request. No quotas are enforced here: 0.
    package var throttleMilliseconds: Int32 = 0

    package init() {}

    package init(topics: [Topic], throttleMilliseconds: Int32 = 0) {
        self.topics = topics
        self.throttleMilliseconds = throttleMilliseconds
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.array(&topics)
        if coder.version >= 1 { try coder.int32(&throttleMilliseconds) }
        try coder.taggedFields()
    }
}
