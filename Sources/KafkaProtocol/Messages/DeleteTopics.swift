/// Deletes topics with all their records.
package struct DeleteTopicsRequest: WireRequest {
    package static var api: APIKey { .deleteTopics }

    /// The names of the topics.
    package var names: [String] = []
    /// How long the client waits.
    package var timeoutMilliseconds: Int32 = 0

    package init() {}

    package init(names: [String], timeoutMilliseconds: Int32 = 0) {
        self.names = names
        self.timeoutMilliseconds = timeoutMilliseconds
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.array(&names)
        try coder.int32(&timeoutMilliseconds)
        try coder.taggedFields()
    }
}

/// Which topics were deleted.
package struct DeleteTopicsResponse: WireResponse {
    package static var api: APIKey { .deleteTopics }

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
            if coder.version >= 5 { try coder.nullableString(&errorMessage) }
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
