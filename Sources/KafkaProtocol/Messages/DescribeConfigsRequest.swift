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
