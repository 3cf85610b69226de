/// Deletes topics with all their records.
package struct DeleteTopicsRequest: WireRequest {
    package static var api: APIKey { .deleteTopics }

    /// A topic to delete: by its name, or, from version 6 on, by its id.
    package struct Topic: WireFields {
        /// The name of the topic; `nil` where the id is meant.
        package var name: String?
        /// The id of the topic; ``KafkaUUID/zero`` where the name is meant.
        package var id = KafkaUUID.zero

        package init() {}

        package init(name: String? = nil, id: KafkaUUID = .zero) {
            self.name = name
            self.id = id
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.nullableString(&name)
            try coder.uuid(&id)
            try coder.taggedFields()
        }
    }

    /// The topics.
    package var topics: [Topic] = []
    /// How long the client waits.
    package var timeoutMilliseconds: Int32 = 0

    package init() {}

    package init(topics: [Topic], timeoutMilliseconds: Int32 = 0) {
        self.topics = topics
        self.timeoutMilliseconds = timeoutMilliseconds
    }

    package init(names: [String], timeoutMilliseconds: Int32 = 0) {
        self.init(topics: names.map { Topic(name: $0) }, timeoutMilliseconds: timeoutMilliseconds)
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        if coder.version >= 6 {
            try coder.array(&topics)
        } else {
            var names = topics.map { $0.name ?? "" }
            try coder.array(&names)
            topics = names.map { Topic(name: $0) }
        }
        try coder.int32(&timeoutMilliseconds)
        try coder.taggedFields()
    }
}

/// Which topics were deleted.
package struct DeleteTopicsResponse: WireResponse {
    package static var api: APIKey { .deleteTopics }

    /// The outcome for one topic.
    package struct Topic: WireFields {
        /// The name of the topic; `nil` where no topic has the id. Before version 6 there is always one.
        package var name: String?
        /// The id of the topic.
        package var id = KafkaUUID.zero
        /// The outcome.
        package var errorCode = ErrorCode.none
        /// The outcome in words.
        package var errorMessage: String?

        package init() {}

        package init(
            name: String?,
            id: KafkaUUID = .zero,
            errorCode: ErrorCode = .none,
            errorMessage: String? = nil
        ) {
            self.name = name
            self.id = id
            self.errorCode = errorCode
            self.errorMessage = errorMessage
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            if coder.version >= 6 {
                try coder.nullableString(&name)
                try coder.uuid(&id)
            } else {
                var named = name ?? ""
                try coder.string(&named)
                name = named
            }
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
