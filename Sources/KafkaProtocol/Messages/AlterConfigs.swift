/// Replaces the whole configuration of topics or nodes: what the request does not name returns to its default.
package struct AlterConfigsRequest: WireRequest {
    package static var api: APIKey { .alterConfigs }

    /// An entry of the new configuration.
    package struct Entry: WireFields {
        /// The name of the entry.
        package var name = ""
        /// Its value.
        package var value: String?

        package init() {}

        package init(name: String, value: String?) {
            self.name = name
            self.value = value
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.string(&name)
            try coder.nullableString(&value)
            try coder.taggedFields()
        }
    }

    /// What gets a new configuration.
    package struct Resource: WireFields {
        /// What it is: see ``ConfigurationResource``.
        package var type: Int8 = 0
        /// The topic's name, or the node's number as text.
        package var name = ""
        /// The new configuration.
        package var entries: [Entry] = []

        package init() {}

        package init(type: Int8, name: String, entries: [Entry] = []) {
            self.type = type
            self.name = name
            self.entries = entries
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.int8(&type)
            try coder.string(&name)
            try coder.array(&entries)
            try coder.taggedFields()
        }
    }

    /// What gets a new configuration.
    package var resources: [Resource] = []
    /// Whether to check only, and change nothing.
    package var validatesOnly = false

    package init() {}

    package init(resources: [Resource], validatesOnly: Bool = false) {
        self.resources = resources
        self.validatesOnly = validatesOnly
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.array(&resources)
        try coder.bool(&validatesOnly)
        try coder.taggedFields()
    }
}

/// Changes single entries of configurations (KIP-339).
package struct IncrementalAlterConfigsRequest: WireRequest {
    package static var api: APIKey { .incrementalAlterConfigs }

    /// A change of an entry.
    package struct Entry: WireFields {
        /// The name of the entry.
        package var name = ""
        /// What to do with it: see ``ConfigurationOperation``.
        package var operation: Int8 = 0
        /// The new value, or the elements of a list to append or remove.
        package var value: String?

        package init() {}

        package init(name: String, operation: Int8, value: String?) {
            self.name = name
            self.operation = operation
            self.value = value
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.string(&name)
            try coder.int8(&operation)
            try coder.nullableString(&value)
            try coder.taggedFields()
        }
    }

    /// What is changed.
    package struct Resource: WireFields {
        /// What it is: see ``ConfigurationResource``.
        package var type: Int8 = 0
        /// The topic's name, or the node's number as text.
        package var name = ""
        /// The changes.
        package var entries: [Entry] = []

        package init() {}

        package init(type: Int8, name: String, entries: [Entry] = []) {
            self.type = type
            self.name = name
            self.entries = entries
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.int8(&type)
            try coder.string(&name)
            try coder.array(&entries)
            try coder.taggedFields()
        }
    }

    /// What is changed.
    package var resources: [Resource] = []
    /// Whether to check only, and change nothing.
    package var validatesOnly = false

    package init() {}

    package init(resources: [Resource], validatesOnly: Bool = false) {
        self.resources = resources
        self.validatesOnly = validatesOnly
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.array(&resources)
        try coder.bool(&validatesOnly)
        try coder.taggedFields()
    }
}

/// What became of one resource, in the answers to both requests.
package struct AlteredResource: WireFields {
    /// The outcome.
    package var errorCode = ErrorCode.none
    /// The outcome in words.
    package var errorMessage: String?
    /// What it is: see ``ConfigurationResource``.
    package var type: Int8 = 0
    /// The topic's name, or the node's number as text.
    package var name = ""

    package init() {}

    package init(type: Int8, name: String, errorCode: ErrorCode = .none, errorMessage: String? = nil) {
        self.type = type
        self.name = name
        self.errorCode = errorCode
        self.errorMessage = errorMessage
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.errorCode(&errorCode)
        try coder.nullableString(&errorMessage)
        try coder.int8(&type)
        try coder.string(&name)
        try coder.taggedFields()
    }
}

/// Which configurations were replaced.
package struct AlterConfigsResponse: WireResponse {
    package static var api: APIKey { .alterConfigs }

    /// How long the client must wait before its next request. No quotas are enforced here: 0.
    package var throttleMilliseconds: Int32 = 0
    /// The outcomes by resource.
    package var resources: [AlteredResource] = []

    package init() {}

    package init(resources: [AlteredResource]) { self.resources = resources }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.int32(&throttleMilliseconds)
        try coder.array(&resources)
        try coder.taggedFields()
    }
}

/// Which configurations were changed.
package struct IncrementalAlterConfigsResponse: WireResponse {
    package static var api: APIKey { .incrementalAlterConfigs }

    /// How long the client must wait before its next request. No quotas are enforced here: 0.
    package var throttleMilliseconds: Int32 = 0
    /// The outcomes by resource.
    package var resources: [AlteredResource] = []

    package init() {}

    package init(resources: [AlteredResource]) { self.resources = resources }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.int32(&throttleMilliseconds)
        try coder.array(&resources)
        try coder.taggedFields()
    }
}

/// What IncrementalAlterConfigs does with an entry, with its number on the wire.
package enum ConfigurationOperation: Int8, Sendable {
    case set = 0
    /// The default applies again.
    case delete = 1
    /// Adds elements to a list.
    case append = 2
    /// Removes elements from a list.
    case subtract = 3
}
