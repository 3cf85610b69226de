package import NIOCore

/// One way to assign partitions that a member offers, with the member's own bytes for it; opaque to the group.
package struct GroupProtocol: Sendable, Equatable {
    package var name: String
    package var metadata: ByteBuffer

    var byteCount: Int { name.utf8.count + metadata.readableBytes }

    package init(name: String, metadata: ByteBuffer) {
        self.name = name
        self.metadata = metadata
    }
}
