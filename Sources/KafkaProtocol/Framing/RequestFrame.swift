package import NIOCore

/// A complete request on the wire, as a client sends it: its length as an int32, its header, its body. The layout of the
/// header is drawn at `RequestHeader`.
package enum RequestFrame {
    /// The bytes of the request `body`, written in `version`.
    package static func encode(
        _ body: some WireRequest,
        version: Int16,
        correlationID: Int32,
        clientID: String? = nil
    ) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.writeInteger(Int32(0))
        let api = type(of: body).api
        buffer.writeImmutableBuffer(
            header(api: api, version: version, correlationID: correlationID, clientID: clientID)
        )
        body.encode(into: &buffer, version: version)
        buffer.setInteger(Int32(clamping: buffer.readableBytes - 4), at: buffer.readerIndex)
        return buffer
    }

    /// The bytes of a request's header.
    package static func header(api: APIKey, version: Int16, correlationID: Int32, clientID: String?) -> ByteBuffer {
        var writer = WireWriter()
        writer.integer(api.rawValue)
        writer.integer(version)
        writer.integer(correlationID)
        var clientID = clientID
        writer.nullableString(&clientID)
        if api.isFlexible(version: version) { writer.unsignedVarint(0) }
        return writer.buffer
    }
}

extension WireMessage {
    /// Appends the message, written in `version`, to `buffer`.
    package func encode(into buffer: inout ByteBuffer, version: Int16) {
        var writer = WireWriter(version: version, isFlexible: Self.api.isFlexible(version: version))
        write(into: &writer)
        buffer.writeImmutableBuffer(writer.buffer)
    }
}

extension ResponseFrame {
    /// Reads the header of the response in `frame`, a frame without its length, to a request of `api` in `version`; leaves
    /// `frame` at the body. Returns the correlation id.
    package static func readHeader(
        from frame: inout ByteBuffer,
        api: APIKey,
        version: Int16
    ) throws(DecodeError) -> Int32 {
        let isFlexible = api.isFlexible(version: version) && api != .apiVersions
        var reader = WireReader(frame, version: version, isFlexible: isFlexible)
        let correlationID: Int32 = try reader.integer()
        try reader.taggedFields()
        frame = reader.buffer
        return correlationID
    }
}
