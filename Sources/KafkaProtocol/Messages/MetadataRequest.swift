/// Asks for the nodes and for topics with their partitions.
package struct MetadataRequest: WireRequest {
    package static var api: APIKey { .metadata }

    /// The names of the topics; `nil` means all, and so does an empty list in version 0.
    package var topics: [String]?
    /// Whether topics that do not exist may be created.
    package var allowsAutoTopicCreation = true
    /// Whether to say what the client may do with the cluster.
    package var includesClusterAuthorizedOperations = false
    /// Whether to say what the client may do with each topic.
    package var includesTopicAuthorizedOperations = false

    package init() {}

    package init(
        topics: [String]?,
        allowsAutoTopicCreation: Bool = true,
        includesClusterAuthorizedOperations: Bool = false,
        includesTopicAuthorizedOperations: Bool = false
    ) {
        self.topics = topics
        self.allowsAutoTopicCreation = allowsAutoTopicCreation
        self.includesClusterAuthorizedOperations = includesClusterAuthorizedOperations
        self.includesTopicAuthorizedOperations = includesTopicAuthorizedOperations
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        // A topic is a structure with a name in it, which a flexible version ends with tagged fields.
        var named = topics.map { $0.map(Topic.init(name:)) }
        if coder.version >= 1 {
            try coder.nullableArray(&named)
            topics = named.map { $0.map(\.name) }
        } else {
            var listed = named ?? []
            try coder.array(&listed)
            topics = listed.isEmpty ? nil : listed.map(\.name)
        }
        if coder.version >= 4 { try coder.bool(&allowsAutoTopicCreation) }
        if coder.version >= 8 {
            try coder.bool(&includesClusterAuthorizedOperations)
            try coder.bool(&includesTopicAuthorizedOperations)
        }
        try coder.taggedFields()
    }
}

extension MetadataRequest {
    fileprivate struct Topic: WireFields {
        var name = ""

        mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.string(&name)
            try coder.taggedFields()
        }
    }
}
