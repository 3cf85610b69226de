/// Asks for the configuration of topics or nodes.
package struct DescribeConfigsRequest: WireRequest {
    package static var api: APIKey { .describeConfigs }

    /// What to describe.
    package struct Resource: WireFields {
        /// What it is: see ``ConfigurationResource``.
        package var type: Int8 = 0
        /// The topic's name, or the node's number as text.
        package var name = ""
        /// The entries to describe; `nil` means all.
        package var keys: [String]?

        package init() {}

        package init(type: Int8, name: String = "", keys: [String]? = nil) {
            self.type = type
            self.name = name
            self.keys = keys
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.int8(&type)
            try coder.string(&name)
            try coder.nullableArray(&keys)
            try coder.taggedFields()
        }
    }

    /// What to describe.
    package var resources: [Resource] = []
    /// Whether to list where else the value could come from.
    package var includesSynonyms = false
    /// Whether to explain the entries.
    package var includesDocumentation = false

    package init() {}

    package init(resources: [Resource], includesSynonyms: Bool = false, includesDocumentation: Bool = false) {
        self.resources = resources
        self.includesSynonyms = includesSynonyms
        self.includesDocumentation = includesDocumentation
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.array(&resources)
        try coder.bool(&includesSynonyms)
        if coder.version >= 3 { try coder.bool(&includesDocumentation) }
        try coder.taggedFields()
    }
}

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

/// What has a configuration, with its number on the wire.
package enum ConfigurationResource: Int8, Sendable {
    case topic = 2
    case broker = 4
    case brokerLogger = 8
    case group = 32
}

/// Where the value of a configuration entry is from, with its number on the wire.
package enum ConfigurationSource: Int8, Sendable {
    case unknown = 0
    /// It was set for the topic.
    case topic = 1
    /// It was set for the node while it ran.
    case dynamicBroker = 2
    /// It was set for all nodes while they ran.
    case dynamicDefaultBroker = 3
    /// It is in the configuration that the node was started with.
    case staticBroker = 4
    /// It was not set.
    case defaultValue = 5
    /// It was set for the logger while the node ran.
    case dynamicBrokerLogger = 6
    /// It was set for the group.
    case group = 8
}

/// The type of a configuration entry's value, with its number on the wire.
package enum ConfigurationType: Int8, Sendable {
    case unknown = 0
    case boolean = 1
    case string = 2
    case int = 3
    case short = 4
    case long = 5
    case double = 6
    case list = 7
    case `class` = 8
    case password = 9
}
