/// Has partitions choose their leaders again.
package struct ElectLeadersRequest: WireRequest {
    package static var api: APIKey { .electLeaders }

    package typealias Topic = TopicPartitions<Int32>

    /// Which replica shall lead: 0 for the preferred one, 1 for any that is left. Before version 1 always 0.
    package var electionType: Int8 = 0
    /// The partitions by topic; `nil` means all.
    package var topics: [Topic]?
    /// How long the client waits.
    package var timeoutMilliseconds: Int32 = 60_000

    package init() {}

    package init(electionType: Int8, topics: [Topic]?) {
        self.electionType = electionType
        self.topics = topics
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        if coder.version >= 1 { try coder.int8(&electionType) }
        try coder.nullableArray(&topics)
        try coder.int32(&timeoutMilliseconds)
        try coder.taggedFields()
    }
}

/// Which partitions have a new leader.
package struct ElectLeadersResponse: WireResponse {
    package static var api: APIKey { .electLeaders }

    /// The outcome for one partition.
    package struct Partition: WireFields {
        /// The number of the partition.
        package var partition: Int32 = 0
        /// The outcome.
        package var errorCode = ErrorCode.none
        /// The outcome in words.
        package var errorMessage: String?

        package init() {}

        package init(partition: Int32, errorCode: ErrorCode, errorMessage: String? = nil) {
            self.partition = partition
            self.errorCode = errorCode
            self.errorMessage = errorMessage
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.int32(&partition)
            try coder.errorCode(&errorCode)
            try coder.nullableString(&errorMessage)
            try coder.taggedFields()
        }
    }

    package typealias Topic = TopicPartitions<Partition>

    /// How long the client must wait before its next request. No quotas are enforced here: 0.
    package var throttleMilliseconds: Int32 = 0
    /// The outcome for all.
    package var errorCode = ErrorCode.none
    /// The outcomes by topic.
    package var topics: [Topic] = []

    package init() {}

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.int32(&throttleMilliseconds)
        if coder.version >= 1 { try coder.errorCode(&errorCode) }
        try coder.array(&topics)
        try coder.taggedFields()
    }
}
