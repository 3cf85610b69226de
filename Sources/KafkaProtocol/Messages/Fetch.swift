package import NIOCore

/// Reads record batches of partitions from given offsets on.
package struct FetchRequest: TopicIDRequest {
    package static var api: APIKey { .fetch }
    package static var firstVersionWithTopicIDs: Int16 { 13 }

    /// Where to read in one partition.
    package struct Partition: WireFields {
        /// The number of the partition.
        package var partition: Int32 = 0
        /// The leader epoch that the client knows; -1 if none.
        package var currentLeaderEpoch: Int32 = -1
        /// The offset to read from.
        package var fetchOffset: Int64 = 0
        /// The leader epoch of the last record fetched; -1 if none.
        package var lastFetchedEpoch: Int32 = -1
        /// Of a follower: the first offset it has.
        package var logStartOffset: Int64 = -1
        /// The most bytes of this partition; its first batch comes whole in any case.
        package var maxByteCount: Int32 = 0

        package init() {}

        package init(
            partition: Int32,
            currentLeaderEpoch: Int32 = -1,
            fetchOffset: Int64 = 0,
            lastFetchedEpoch: Int32 = -1,
            logStartOffset: Int64 = -1,
            maxByteCount: Int32 = 0
        ) {
            self.partition = partition
            self.currentLeaderEpoch = currentLeaderEpoch
            self.fetchOffset = fetchOffset
            self.lastFetchedEpoch = lastFetchedEpoch
            self.logStartOffset = logStartOffset
            self.maxByteCount = maxByteCount
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.int32(&partition)
            if coder.version >= 9 { try coder.int32(&currentLeaderEpoch) }
            try coder.int64(&fetchOffset)
            if coder.version >= 12 { try coder.int32(&lastFetchedEpoch) }
            if coder.version >= 5 { try coder.int64(&logStartOffset) }
            try coder.int32(&maxByteCount)
            try coder.taggedFields()
        }
    }

    /// Where to read in one topic.
    package typealias Topic = IdentifiedTopic<FetchRequest, Partition>

    /// Partitions that leave a fetch session.
    package typealias ForgottenTopic = IdentifiedTopic<FetchRequest, Int32>

    /// The node that follows; -1 for a client. Not in versions from 15 on, where followers have a tagged field.
    package var replicaID: Int32 = -1
    /// How long to wait for `minByteCount`.
    package var maxWaitMilliseconds: Int32 = 0
    /// The bytes to wait for.
    package var minByteCount: Int32 = 0
    /// The most bytes of the whole answer; its first batch comes whole in any case.
    package var maxByteCount: Int32 = .max
    /// 0 reads all records, 1 those of committed transactions only.
    package var isolationLevel: Int8 = 0
    /// The fetch session (KIP-227); 0 for none.
    package var sessionID: Int32 = 0
    /// The place in the session; -1 for none, 0 to begin one.
    package var sessionEpoch: Int32 = -1
    /// Where to read by topic.
    package var topics: [Topic] = []
    /// What leaves the session.
    package var forgottenTopics: [ForgottenTopic] = []
    /// The rack of the client.
    package var rackID = ""
    /// The cluster that the client takes this one for: a tagged field from version 12 on. Followers of a quorum send it.
    package var clusterID: String?

    package init() {}

    package init(
        replicaID: Int32,
        maxWaitMilliseconds: Int32 = 0,
        minByteCount: Int32 = 0,
        maxByteCount: Int32 = .max,
        isolationLevel: Int8 = 0,
        sessionID: Int32 = 0,
        sessionEpoch: Int32 = -1,
        topics: [Topic] = [],
        forgottenTopics: [ForgottenTopic] = [],
        rackID: String = ""
    ) {
        self.replicaID = replicaID
        self.maxWaitMilliseconds = maxWaitMilliseconds
        self.minByteCount = minByteCount
        self.maxByteCount = maxByteCount
        self.isolationLevel = isolationLevel
        self.sessionID = sessionID
        self.sessionEpoch = sessionEpoch
        self.topics = topics
        self.forgottenTopics = forgottenTopics
        self.rackID = rackID
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        if coder.version <= 14 { try coder.int32(&replicaID) }
        try coder.int32(&maxWaitMilliseconds)
        try coder.int32(&minByteCount)
        try coder.int32(&maxByteCount)
        try coder.int8(&isolationLevel)
        if coder.version >= 7 {
            try coder.int32(&sessionID)
            try coder.int32(&sessionEpoch)
        }
        try coder.array(&topics)
        if coder.version >= 7 { try coder.array(&forgottenTopics) }
        if coder.version >= 11 { try coder.string(&rackID) }
        try coder.taggedFields(&self)
    }
}

extension FetchRequest: TaggedFields {
    package var presentTags: [UInt32] { clusterID == nil ? [] : [0] }

    package mutating func code<Coder: WireCoder>(tag: UInt32, _ coder: inout Coder) throws(Coder.Failure) -> Bool {
        guard tag == 0 else { return false }
        try coder.nullableString(&clusterID)
        return true
    }
}

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

    /// An epoch and where it ends: the reader's log and this one differ after it (KIP-595).
    package struct DivergingEpoch: WireFields {
        /// The epoch.
        package var epoch: Int32 = -1
        /// The offset after its last record.
        package var endOffset: Int64 = -1

        package init() {}

        package init(epoch: Int32, endOffset: Int64) {
            self.epoch = epoch
            self.endOffset = endOffset
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.int32(&epoch)
            try coder.int64(&endOffset)
            try coder.taggedFields()
        }
    }

    /// The batches of one partition.
    package struct Partition: WireFields {
        /// The number of the partition.
        package var partition: Int32 = 0
        /// The outcome.
        package var errorCode = ErrorCode.none
        /// The high watermark: the offset after the last record that readers see.
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
        /// Where the reader's log and this one part; `nil` where they do not. A tagged field from version 12 on.
        package var divergingEpoch: DivergingEpoch?

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
            try coder.taggedFields(&self)
        }
    }

    /// The batches of one topic.
    package typealias Topic = IdentifiedTopic<FetchRequest, Partition>

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

extension FetchResponse.Partition: TaggedFields {
    package var presentTags: [UInt32] { divergingEpoch == nil ? [] : [0] }

    package mutating func code<Coder: WireCoder>(tag: UInt32, _ coder: inout Coder) throws(Coder.Failure) -> Bool {
        guard tag == 0 else { return false }
        var epoch = divergingEpoch ?? FetchResponse.DivergingEpoch()
        try epoch.code(&coder)
        divergingEpoch = epoch
        return true
    }
}

/// The record batches of a partition in a fetch's answer.
package enum FetchedRecords: Sendable, Equatable {
    /// None: null on the wire. A broker never sends it: librdkafka takes such a response for a malformed one.
    case none
    /// Bytes in memory.
    case bytes(ByteBuffer)
    /// So many bytes that are put in from a file when the answer is sent: see ``ResponseFrame``.
    case external(byteCount: Int)

    /// Whether there are no bytes.
    package var isEmpty: Bool {
        switch self {
        case .none: true
        case .bytes(let bytes): bytes.readableBytes == 0
        case .external(let byteCount): byteCount == 0
        }
    }
}
