package import NIOCore

/// A complete response on the wire.
///
///     0  int32          the bytes after this field
///     4  int32          correlation id
///     8  tagged fields  in flexible versions, but never of ApiVersions
///     …  the body
package struct ResponseFrame: Sendable, Equatable {
    /// The bytes of the response without those that ``externalBytes`` stands for.
    package let buffer: ByteBuffer
    /// Where bytes from elsewhere belong, in ascending order: one for each ``FetchedRecords/external(byteCount:)``.
    package let externalBytes: [ExternalBytes]

    /// The response `body` to the request with `correlationID`, in `version`.
    package init(_ body: some WireResponse, version: Int16, correlationID: Int32) {
        let api = type(of: body).api
        let isFlexible = api.isFlexible(version: version)
        // Room for a usual response, so that the buffer need not grow step by step.
        var empty = ByteBufferAllocator().buffer(capacity: 512)
        var writer = WireWriter(taking: &empty, version: version, isFlexible: isFlexible)
        writer.integer(Int32(0))
        writer.integer(correlationID)
        // A client reads the response to ApiVersions before it knows which versions are served (KIP-511).
        if api != .apiVersions { writer.taggedFields() }
        body.write(into: &writer)
        externalBytes = writer.externalBytes
        var buffer = writer.buffer
        let byteCount = externalBytes.reduce(buffer.readableBytes - 4) { $0 + $1.byteCount }
        buffer.setInteger(Int32(clamping: byteCount), at: buffer.readerIndex)
        self.buffer = buffer
    }
}

/// A place in an encoded message where bytes belong that were not copied into it: a file's, for `sendfile`.
package struct ExternalBytes: Equatable, Sendable {
    /// The index in the writer's buffer before which the bytes belong.
    package let position: Int
    /// The number of these bytes.
    package let byteCount: Int
}
