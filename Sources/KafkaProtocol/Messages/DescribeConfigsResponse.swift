/// The configuration asked for.
package struct DescribeConfigsResponse: WireResponse {
    package static var api: APIKey { .describeConfigs }

    /// A place that the value of an entry can come from.
    package struct Synonym: WireFields {
        /// The name of the entry there.
        package var name = ""
        /// The value there.
        package var value: String?
        /// The place: see ``ConfigurationSource``.
        package var source: Int8 = 0

        package init() {}

        package init(name: String, value: String? = nil, source: Int8 = 0) {
            self.name = name
            self.value = value
            self.source = source
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.string(&name)
            try coder.nullableString(&value)
            try coder.int8(&source)
            try coder.taggedFields()
        }
    }

    /// An entry of a configuration.
    package struct Entry: WireFields {
        /// The name of the entry.
        package var name = ""
        /// Its value; `nil` where it is a secret.
        package var value: String?
        /// Whether it cannot be changed.
        package var isReadOnly = false
        /// Where the value is from: see ``ConfigurationSource``.
        package var source: Int8 = -1
        /// Whether the value is a secret.
        package var isSensitive = false
        /// Where else it could come from, the strongest first.
        package var synonyms: [Synonym] = []
        /// The type of the value: see ``ConfigurationType``.
        package var type: Int8 = 0
        /// What the entry is for.
        package var documentation: String?

        package init() {}

        package init(
            name: String,
            value: String? = nil,
            isReadOnly: Bool = false,
            source: Int8 = -1,
            isSensitive: Bool = false,
            synonyms: [Synonym] = [],
            type: Int8 = 0,
            documentation: String? = nil
        ) {
            self.name = name
            self.value = value
            self.isReadOnly = isReadOnly
            self.source = source
            self.isSensitive = isSensitive
            self.synonyms = synonyms
            self.type = type
            self.documentation = documentation
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.string(&name)
            try coder.nullableString(&value)
            try coder.bool(&isReadOnly)
            try coder.int8(&source)
            try coder.bool(&isSensitive)
            try coder.array(&synonyms)
            if coder.version >= 3 {
                try coder.int8(&type)
                try coder.nullableString(&documentation)
            }
            try coder.taggedFields()
        }
    }

    /// The configuration of one resource.
    package struct DescribeConfigsResult: WireFields {
        /// The outcome.
        package var errorCode = ErrorCode.none
        /// The outcome in words.
        package var errorMessage: String?
        /// What it is: see ``ConfigurationResource``.
        package var resourceType: Int8 = 0
        /// The topic's name, or the node's number as text.
        package var resourceName = ""
        /// Its configuration.
        package var entries: [Entry] = []

        package init() {}

        package init(
            errorCode: ErrorCode,
            errorMessage: String? = nil,
            resourceType: Int8 = 0,
            resourceName: String = "",
            entries: [Entry] = []
        ) {
            self.errorCode = errorCode
            self.errorMessage = errorMessage
            self.resourceType = resourceType
            self.resourceName = resourceName
            self.entries = entries
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.errorCode(&errorCode)
            try coder.nullableString(&errorMessage)
            try coder.int8(&resourceType)
            try coder.string(&resourceName)
            try coder.array(&entries)
            try coder.taggedFields()
        }
    }

    /// How long the client must wait before its next request. No quotas are enforced here: 0.
    package var throttleMilliseconds: Int32 = 0
    /// The configurations by resource.
    package var results: [DescribeConfigsResult] = []

    package init() {}

    package init(throttleMilliseconds: Int32, results: [DescribeConfigsResult] = []) {
        self.throttleMilliseconds = throttleMilliseconds
        self.results = results
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.int32(&throttleMilliseconds)
        try coder.array(&results)
        try coder.taggedFields()
    }
}
