/// Gives topics more partitions.
package struct CreatePartitionsRequest: WireRequest {
    package static var api: APIKey { .createPartitions }

    /// The nodes that shall hold a new partition.
    package struct Assignment: WireFields {
        /// The nodes.
        package var brokerIDs: [Int32] = []

        package init() {}

        package init(brokerIDs: [Int32]) { self.brokerIDs = brokerIDs }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.array(&brokerIDs)
            try coder.taggedFields()
        }
    }

    /// A topic that shall have more partitions.
    package struct Topic: WireFields {
        /// The name of the topic.
        package var name = ""
        /// How many partitions it shall have then, those that it has included.
        package var partitionCount: Int32 = 0
        /// The nodes for each new partition; `nil` to leave that to the server.
        package var assignments: [Assignment]?

        package init() {}

        package init(name: String, partitionCount: Int32, assignments: [Assignment]? = nil) {
            self.name = name
            self.partitionCount = partitionCount
            self.assignments = assignments
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.string(&name)
            try coder.int32(&partitionCount)
            try coder.nullableArray(&assignments)
            try coder.taggedFields()
        }
    }

    /// The topics.
    package var topics: [Topic] = []
    /// How long the client waits.
    package var timeoutMilliseconds: Int32 = 0
    /// Whether to check only, and create nothing.
    package var validatesOnly = false

    package init() {}

    package init(topics: [Topic], timeoutMilliseconds: Int32 = 60_000, validatesOnly: Bool = false) {
        self.topics = topics
        self.timeoutMilliseconds = timeoutMilliseconds
        self.validatesOnly = validatesOnly
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.array(&topics)
        try coder.int32(&timeoutMilliseconds)
        try coder.bool(&validatesOnly)
        try coder.taggedFields()
    }
}

/// Which topics have more partitions now.
package struct CreatePartitionsResponse: WireResponse {
    package static var api: APIKey { .createPartitions }

    /// The outcome for one topic.
    package struct Topic: WireFields {
        /// The name of the topic.
        package var name = ""
        /// The outcome.
        package var errorCode = ErrorCode.none
        /// The outcome in words.
        package var errorMessage: String?

        package init() {}

        package init(name: String, errorCode: ErrorCode = .none, errorMessage: String? = nil) {
            self.name = name
            self.errorCode = errorCode
            self.errorMessage = errorMessage
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.string(&name)
            try coder.errorCode(&errorCode)
            try coder.nullableString(&errorMessage)
            try coder.taggedFields()
        }
    }

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
