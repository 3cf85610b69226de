package import NIOCore

/// What a member of the protocol type `consumer` tells its group: the topics that it wants, and what it has. A group of the
/// classic protocol passes it on unread; it is read to protect the offsets of topics that are in use, and where members of
/// both protocols are in one group.
///
///     0  int16              version of what follows
///     2  array of string    topics
///     …  nullable bytes     what the assignor adds
///     …  array of           from version 1: what the member has, see ``ConsumerTopicPartitions``
///     …  int32              from version 2: the generation in which it got that
///     …  nullable string    from version 3: its rack
package struct ConsumerSubscription: Sendable, Equatable {
    /// The protocol type whose members speak so.
    package static let protocolType = "consumer"

    package let version: Int16
    /// The topics.
    package let topics: [String]
    /// What the member has; nothing where it does not say. Members that give up all before they join do not.
    package private(set) var owned: [ConsumerTopicPartitions] = []
    package private(set) var rackID: String?

    /// Reads a member's metadata. Any version begins in the same way; what follows the topics counts as not said where it is
    /// malformed, as there are clients that write a version and not its fields.
    package init(_ metadata: ByteBuffer) throws(DecodeError) {
        var reader = WireReader(metadata)
        var version: Int16 = 0
        try reader.int16(&version)
        var topics: [String] = []
        try reader.array(&topics)
        self.version = version
        self.topics = topics
        try? readRest(&reader)
    }

    private mutating func readRest(_ reader: inout WireReader) throws(DecodeError) {
        guard version >= 1 else { return }
        var added: ByteBuffer?
        try reader.nullableBytes(&added)
        try reader.array(&owned)
        guard version >= 3 else { return }
        var generation: Int32 = 0
        try reader.int32(&generation)
        try reader.nullableString(&rackID)
    }
}

/// Partitions of one topic, as members of the protocol type `consumer` list them.
///
///     string            the topic
///     array of int32    the partitions
package struct ConsumerTopicPartitions: WireFields {
    package var topic = ""
    package var partitions: [Int32] = []

    package init() {}

    package init(topic: String, partitions: [Int32]) {
        self.topic = topic
        self.partitions = partitions
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.string(&topic)
        try coder.array(&partitions)
    }
}
