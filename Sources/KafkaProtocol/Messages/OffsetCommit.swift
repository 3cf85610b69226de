/// Remembers how far a group has read.
package struct OffsetCommitRequest: TopicIDRequest {
    package static var api: APIKey { .offsetCommit }
    package static var firstVersionWithTopicIDs: Int16 { 10 }

    /// How far one partition was read.
    package struct Partition: WireFields {
        /// The number of the partition.
        package var partition: Int32 = 0
        /// The next offset to read.
        package var offset: Int64 = 0
        /// The leader epoch of the last record read; -1 if unknown.
        package var leaderEpoch: Int32 = -1
        /// A text that the client keeps with the offset.
        package var metadata: String?

        package init() {}

        package init(partition: Int32, offset: Int64 = 0, leaderEpoch: Int32 = -1, metadata: String? = nil) {
            self.partition = partition
            self.offset = offset
            self.leaderEpoch = leaderEpoch
            self.metadata = metadata
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.int32(&partition)
            try coder.int64(&offset)
            if coder.version >= 6 { try coder.int32(&leaderEpoch) }
            try coder.nullableString(&metadata)
            try coder.taggedFields()
        }
    }

    /// How far one topic was read.
    package typealias Topic = IdentifiedTopic<OffsetCommitRequest, Partition>

    /// The group.
    package var groupID = ""
    /// The generation; -1 from a client outside of any.
    package var generationID: Int32 = -1
    /// The id of the member; empty from a client outside of the group.
    package var memberID = ""
    /// The name that a static member keeps over restarts (KIP-345).
    package var groupInstanceID: String?
    /// How long to keep the offsets; -1 for the default.
    package var retentionMilliseconds: Int64 = -1
    /// The offsets by topic.
    package var topics: [Topic] = []

    package init() {}

    package init(
        groupID: String,
        generationID: Int32 = -1,
        memberID: String = "",
        groupInstanceID: String? = nil,
        retentionMilliseconds: Int64 = -1,
        topics: [Topic] = []
    ) {
        self.groupID = groupID
        self.generationID = generationID
        self.memberID = memberID
        self.groupInstanceID = groupInstanceID
        self.retentionMilliseconds = retentionMilliseconds
        self.topics = topics
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.string(&groupID)
        try coder.int32(&generationID)
        try coder.string(&memberID)
        if coder.version >= 7 { try coder.nullableString(&groupInstanceID) }
        if coder.version <= 4 { try coder.int64(&retentionMilliseconds) }
        try coder.array(&topics)
        try coder.taggedFields()
    }
}

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
    package typealias Topic = IdentifiedTopic<OffsetCommitRequest, Partition>

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
