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
        /// Whether the value is a secret, and so not told.
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
            errorCode: ErrorCode = .none,
            errorMessage: String? = nil,
            partitionCount: Int32 = -1,
            replicationFactor: Int16 = -1,
            configuration: [Configuration]? = nil
        ) {
            self.name = name
            self.errorCode = errorCode
            self.errorMessage = errorMessage
            self.partitionCount = partitionCount
            self.replicationFactor = replicationFactor
            self.configuration = configuration
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.string(&name)
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
