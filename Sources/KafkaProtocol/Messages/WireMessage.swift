package import NIOCore

/// The body of a request or of a response, in all of its versions.
package protocol WireMessage: WireFields {
    /// The API that the message belongs to.
    static var api: APIKey { get }
}

/// The body of a request.
package protocol WireRequest: WireMessage {}

/// The body of a response.
package protocol WireResponse: WireMessage {}

extension WireMessage {
    /// Reads the message, written in `version`, that `buffer` begins with.
    ///
    /// Byte fields share the storage of `buffer`. Throws where the version is not served, and where the bytes are not
    /// such a message. Bytes after the message are left in `buffer` and mean nothing, as in Kafka: librdkafka asks for
    /// all topics (Metadata 9) with a null array of four bytes in the place of one, and so has three to spare.
    package init(from buffer: inout ByteBuffer, version: Int16) throws(DecodeError) {
        guard Self.api.supportedVersions.contains(version) else {
            throw DecodeError(.unsupportedVersion(api: Self.api, version: version))
        }
        var reader = WireReader(buffer, version: version, isFlexible: Self.api.isFlexible(version: version))
        self.init()
        try read(from: &reader)
        buffer = reader.buffer
    }
}

/// A request, with its response, whose topics have ids in the place of their names from a version on (KIP-516).
package protocol TopicIDRequest: WireRequest {
    /// The first version with ids.
    static var firstVersionWithTopicIDs: Int16 { get }
}

/// The partitions of a topic in a message of `Request`, or of its response.
package struct IdentifiedTopic<Request: TopicIDRequest, Partition: WireFields>: WireFields {
    /// The name of the topic; on the wire in versions without ids.
    package var name = ""
    /// The id of the topic; on the wire in versions with ids.
    package var id = KafkaUUID.zero
    /// One for each partition that the message is about.
    package var partitions: [Partition] = []

    package init() {}

    package init(name: String = "", id: KafkaUUID = .zero, partitions: [Partition] = []) {
        self.name = name
        self.id = id
        self.partitions = partitions
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        if coder.version >= Request.firstVersionWithTopicIDs {
            try coder.uuid(&id)
        } else {
            try coder.string(&name)
        }
        try coder.array(&partitions)
        try coder.taggedFields()
    }
}

/// The partitions of a topic in a message: numbers, requests, offsets or outcomes.
package struct TopicPartitions<Partition: WireFields>: WireFields {
    /// The name of the topic.
    package var name = ""
    /// One for each partition that the message is about.
    package var partitions: [Partition] = []

    package init() {}

    package init(name: String, partitions: [Partition] = []) {
        self.name = name
        self.partitions = partitions
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.string(&name)
        try coder.array(&partitions)
        try coder.taggedFields()
    }
}
