/// Asks how far groups have read. Versions before 8 ask for one group.
package struct OffsetFetchRequest: TopicIDRequest {
    package static var api: APIKey { .offsetFetch }
    package static var firstVersionWithTopicIDs: Int16 { 10 }

    /// The partitions of one topic.
    package typealias Topic = IdentifiedTopic<OffsetFetchRequest, Int32>

    /// The question for one group.
    package struct Group: WireFields {
        /// The group.
        package var groupID = ""
        /// The id of the member that asks (KIP-848).
        package var memberID: String?
        /// The epoch of the member that asks (KIP-848).
        package var memberEpoch: Int32 = -1
        /// The partitions by topic; `nil` means all that the group has offsets of (from version 2 on).
        package var topics: [Topic]?

        package init() {}

        package init(groupID: String, memberID: String? = nil, memberEpoch: Int32 = -1, topics: [Topic]? = nil) {
            self.groupID = groupID
            self.memberID = memberID
            self.memberEpoch = memberEpoch
            self.topics = topics
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.string(&groupID)
            if coder.version >= 9 {
                try coder.nullableString(&memberID)
                try coder.int32(&memberEpoch)
            }
            try coder.nullableArray(&topics)
            try coder.taggedFields()
        }
    }

    /// The questions by group.
    package var groups: [Group] = []
    /// Whether to refuse offsets that an open transaction may still change.
    package var requiresStable = false

    package init() {}

    package init(groups: [Group], requiresStable: Bool = false) {
        self.groups = groups
        self.requiresStable = requiresStable
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        if coder.version >= 8 {
            try coder.array(&groups)
        } else {
            var only = groups.first ?? Group()
            try coder.string(&only.groupID)
            if coder.version >= 2 {
                try coder.nullableArray(&only.topics)
            } else {
                var listed = only.topics ?? []
                try coder.array(&listed)
                only.topics = listed
            }
            groups = [only]
        }
        if coder.version >= 7 { try coder.bool(&requiresStable) }
        try coder.taggedFields()
    }
}

/// How far groups have read. Versions before 8 carry one group, without its id.
package struct OffsetFetchResponse: WireResponse {
    package static var api: APIKey { .offsetFetch }

    /// How far one partition was read.
    package struct Partition: WireFields {
        /// The number of the partition.
        package var partition: Int32 = 0
        /// The next offset to read; -1 if none was committed.
        package var offset: Int64 = -1
        /// The leader epoch that was committed with it; -1 if unknown.
        package var leaderEpoch: Int32 = -1
        /// The text that was committed with it.
        package var metadata: String?
        /// The outcome.
        package var errorCode = ErrorCode.none

        package init() {}

        package init(
            partition: Int32,
            offset: Int64 = -1,
            leaderEpoch: Int32 = -1,
            metadata: String? = nil,
            errorCode: ErrorCode = .none
        ) {
            self.partition = partition
            self.offset = offset
            self.leaderEpoch = leaderEpoch
            self.metadata = metadata
            self.errorCode = errorCode
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.int32(&partition)
            try coder.int64(&offset)
            if coder.version >= 5 { try coder.int32(&leaderEpoch) }
            try coder.nullableString(&metadata)
            try coder.errorCode(&errorCode)
            try coder.taggedFields()
        }
    }

    /// How far one topic was read.
    package typealias Topic = IdentifiedTopic<OffsetFetchRequest, Partition>

    /// How far one group has read.
    package struct Group: WireFields {
        /// The group.
        package var groupID = ""
        /// The offsets by topic.
        package var topics: [Topic] = []
        /// The outcome for the group.
        package var errorCode = ErrorCode.none

        package init() {}

        package init(groupID: String, topics: [Topic] = [], errorCode: ErrorCode = .none) {
            self.groupID = groupID
            self.topics = topics
            self.errorCode = errorCode
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.string(&groupID)
            try coder.array(&topics)
            try coder.errorCode(&errorCode)
            try coder.taggedFields()
        }
    }

    /// How long the client must wait before its next request. No quotas are enforced here: 0.
    package var throttleMilliseconds: Int32 = 0
    /// The answers by group.
    package var groups: [Group] = []

    package init() {}

    package init(throttleMilliseconds: Int32, groups: [Group] = []) {
        self.throttleMilliseconds = throttleMilliseconds
        self.groups = groups
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        if coder.version >= 3 { try coder.int32(&throttleMilliseconds) }
        if coder.version >= 8 {
            try coder.array(&groups)
        } else {
            var only = groups.first ?? Group()
            try coder.array(&only.topics)
            if coder.version >= 2 { try coder.errorCode(&only.errorCode) }
            groups = [only]
        }
        try coder.taggedFields()
    }
}
