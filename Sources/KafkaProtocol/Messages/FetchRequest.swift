/// Reads record batches of partitions from given offsets on.
package struct FetchRequest: WireRequest {
    package static var api: APIKey { .fetch }

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
    package typealias Topic = TopicPartitions<Partition>

    /// Partitions that leave a fetch session.
    package typealias ForgottenTopic = TopicPartitions<Int32>

    /// The node that follows; -1 for a client.
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
        try coder.int32(&replicaID)
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
        try coder.taggedFields()
    }
}
