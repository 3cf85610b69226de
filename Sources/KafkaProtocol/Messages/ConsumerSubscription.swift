package import NIOCore

/// What a member of the protocol type `consumer` tells its group: the topics that it wants. A group passes it on unread; it
/// is read only to protect the offsets of topics that are in use.
///
///     0  int16            version of what follows
///     2  array of string  topics
///     …                   what the assignor and later versions add
package struct ConsumerSubscription: Sendable, Equatable {
    /// The protocol type whose members speak so.
    package static let protocolType = "consumer"

    /// The topics.
    package let topics: [String]

    /// Reads a member's metadata; any version begins in the same way.
    package init(_ metadata: ByteBuffer) throws(DecodeError) {
        var reader = WireReader(metadata)
        var version: Int16 = 0
        try reader.int16(&version)
        var topics: [String] = []
        try reader.array(&topics)
        self.topics = topics
    }
}
