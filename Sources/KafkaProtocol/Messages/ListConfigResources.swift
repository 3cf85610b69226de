/// Asks what has settings (KIP-1142). Version 0 asks for the metrics that clients are told to send (KIP-714).
package struct ListConfigResourcesRequest: WireRequest {
    package static var api: APIKey { .listConfigResources }

    /// The kinds of things: see ``ConfigurationResource``. None means all.
    package var types: [Int8] = []

    package init() {}

    package init(types: [Int8]) { self.types = types }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        if coder.version >= 1 { try coder.array(&types) }
        try coder.taggedFields()
    }
}

/// What has settings.
package struct ListConfigResourcesResponse: WireResponse {
    package static var api: APIKey { .listConfigResources }

    /// One thing.
    package struct Resource: WireFields {
        /// The number of a set of metrics that clients are told to send.
        package static let clientMetrics: Int8 = 16

        /// What it is called.
        package var name = ""
        /// What it is.
        package var type = Self.clientMetrics

        package init() {}

        package init(name: String, type: ConfigurationResource) {
            self.name = name
            self.type = type.rawValue
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.string(&name)
            if coder.version >= 1 { try coder.int8(&type) }
            try coder.taggedFields()
        }
    }

    /// How long the client must wait before its next request. No quotas are enforced here: 0.
    package var throttleMilliseconds: Int32 = 0
    /// The outcome.
    package var errorCode = ErrorCode.none
    /// The things, by kind.
    package var resources: [Resource] = []

    package init() {}

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.int32(&throttleMilliseconds)
        try coder.errorCode(&errorCode)
        try coder.array(&resources)
        try coder.taggedFields()
    }
}
