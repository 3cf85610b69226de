package import NIOCore

/// What a member of the protocol type `consumer` is told to read. In a group of the classic protocol its leader writes it, and
/// the group passes it on unread; it is read and written where members of both protocols are in one group.
///
///     0  int16              version; its fields are the same in all
///     2  array of           the partitions, see ``ConsumerTopicPartitions``
///     …  nullable bytes     what the assignor adds
package struct ConsumerAssignment: Sendable, Equatable {
    /// The last version of Kafka's clients.
    package static let versionMax: Int16 = 3

    package let version: Int16
    package let topics: [ConsumerTopicPartitions]
    /// Whether an assignor has added something that only it understands.
    package let hasAddition: Bool

    /// - Parameter version: That of the member's subscription.
    package init(version: Int16, topics: [ConsumerTopicPartitions]) {
        self.version = min(max(0, version), Self.versionMax)
        self.topics = topics
        hasAddition = false
    }

    /// Reads what a member was told. No bytes are no partitions: that is what a leader says of members it has nothing for.
    package init(_ bytes: ByteBuffer) throws(DecodeError) {
        guard bytes.readableBytes > 0 else {
            (version, topics, hasAddition) = (0, [], false)
            return
        }
        var reader = WireReader(bytes)
        var version: Int16 = 0
        try reader.int16(&version)
        var topics: [ConsumerTopicPartitions] = []
        try reader.array(&topics)
        var addition: ByteBuffer?
        // Some clients leave it out.
        if reader.remaining > 0 { try reader.nullableBytes(&addition) }
        self.version = version
        self.topics = topics
        hasAddition = addition.map { $0.readableBytes > 0 } ?? false
    }

    package var encoded: ByteBuffer {
        var writer = WireWriter(version: 0, isFlexible: false)
        writer.integer(version)
        var topics = topics
        writer.array(&topics)
        var addition: ByteBuffer?
        writer.nullableBytes(&addition)
        return writer.buffer
    }
}
