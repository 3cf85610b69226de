package import NIOCore

/// A complete request on the wire: its length as an int32, its ``RequestHeader``, its body.
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
        RequestHeader(api: api, version: version, correlationID: correlationID, clientID: clientID)
            .encode(into: &buffer)
        body.encode(into: &buffer, version: version)
        buffer.setInteger(Int32(clamping: buffer.readableBytes - 4), at: buffer.readerIndex)
        return buffer
    }
}
