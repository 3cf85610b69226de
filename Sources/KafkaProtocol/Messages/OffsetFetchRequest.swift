/// Asks how far groups have read. Versions before 8 ask for one group.
package struct OffsetFetchRequest: WireRequest {
    package static var api: APIKey { .offsetFetch }

    /// The partitions of one topic.
    package typealias Topic = TopicPartitions<Int32>

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
