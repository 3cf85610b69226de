/// Creates topics.
package struct CreateTopicsRequest: WireRequest {
    package static var api: APIKey { .createTopics }

    /// The nodes that shall hold one partition.
    package struct Assignment: WireFields {
        /// The number of the partition.
        package var partition: Int32 = 0
        /// The nodes.
        package var brokerIDs: [Int32] = []

        package init() {}

        package init(partition: Int32, brokerIDs: [Int32] = []) {
            self.partition = partition
            self.brokerIDs = brokerIDs
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.int32(&partition)
            try coder.array(&brokerIDs)
            try coder.taggedFields()
        }
    }

    /// An entry of the topic's configuration.
    package struct Configuration: WireFields {
        /// The name of the entry.
        package var name = ""
        /// Its value; `nil` is the default.
        package var value: String?

        package init() {}

        package init(name: String, value: String? = nil) {
            self.name = name
            self.value = value
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.string(&name)
            try coder.nullableString(&value)
            try coder.taggedFields()
        }
    }

    /// A topic to create.
    package struct Topic: WireFields {
        /// The name of the topic.
        package var name = ""
        /// How many partitions; -1 for the default.
        package var partitionCount: Int32 = -1
        /// How many nodes hold each partition; -1 for the default.
        package var replicationFactor: Int16 = -1
        /// The nodes for each partition; empty to leave that to the server.
        package var assignments: [Assignment] = []
        /// What differs from the defaults.
        package var configuration: [Configuration] = []

        package init() {}

        package init(
            name: String,
            partitionCount: Int32 = -1,
            replicationFactor: Int16 = -1,
            assignments: [Assignment] = [],
            configuration: [Configuration] = []
        ) {
            self.name = name
            self.partitionCount = partitionCount
            self.replicationFactor = replicationFactor
            self.assignments = assignments
            self.configuration = configuration
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.string(&name)
            try coder.int32(&partitionCount)
            try coder.int16(&replicationFactor)
            try coder.array(&assignments)
            try coder.array(&configuration)
            try coder.taggedFields()
        }
    }

    /// The topics.
    package var topics: [Topic] = []
    /// How long the client waits.
    package var timeoutMilliseconds: Int32 = 60_000
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

/// Which topics were created.
package struct CreateTopicsResponse: WireResponse {
    package static var api: APIKey { .createTopics }

    /// An entry of the topic's configuration.
    package struct Configuration: WireFields {
        /// The name of the entry.
        package var name = ""
        /// Its value.
        package var value: String?
        /// Whether it cannot be changed.
        package var isReadOnly = false
        /// Where the value is from: see ``ConfigurationSource``.
        package var source: Int8 = -1
        /// Whether the value is a secret, and so left out.
        package var isSensitive = false

        package init() {}

        package init(
            name: String,
            value: String? = nil,
            isReadOnly: Bool = false,
            source: Int8 = -1,
            isSensitive: Bool = false
        ) {
            self.name = name
            self.value = value
            self.isReadOnly = isReadOnly
            self.source = source
            self.isSensitive = isSensitive
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.string(&name)
            try coder.nullableString(&value)
            try coder.bool(&isReadOnly)
            try coder.int8(&source)
            try coder.bool(&isSensitive)
            try coder.taggedFields()
        }
    }

    /// The outcome for one topic.
    package struct Topic: WireFields {
        /// The name of the topic.
        package var name = ""
        /// The id of the topic; ``KafkaUUID/zero`` in an error, and where it was only checked.
        package var id = KafkaUUID.zero
        /// The outcome.
        package var errorCode = ErrorCode.none
        /// The outcome in words.
        package var errorMessage: String?
        /// How many partitions; -1 in an error.
        package var partitionCount: Int32 = -1
        /// How many nodes hold each; -1 in an error.
        package var replicationFactor: Int16 = -1
        /// The whole configuration.
        package var configuration: [Configuration]?

        package init() {}

        package init(
            name: String,
            id: KafkaUUID = .zero,
            errorCode: ErrorCode = .none,
            errorMessage: String? = nil,
            partitionCount: Int32 = -1,
            replicationFactor: Int16 = -1,
            configuration: [Configuration]? = nil
        ) {
            self.name = name
            self.id = id
            self.errorCode = errorCode
            self.errorMessage = errorMessage
            self.partitionCount = partitionCount
            self.replicationFactor = replicationFactor
            self.configuration = configuration
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.string(&name)
            if coder.version >= 7 { try coder.uuid(&id) }
            try coder.errorCode(&errorCode)
            try coder.nullableString(&errorMessage)
            if coder.version >= 5 {
                try coder.int32(&partitionCount)
                try coder.int16(&replicationFactor)
                try coder.nullableArray(&configuration)
            }
            try coder.taggedFields()
        }
    }

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
        try coder.int32(&throttleMilliseconds)
        try coder.array(&topics)
        try coder.taggedFields()
    }
}
