package import NIOCore

/// Splits the bytes of a connection into frames.
///
///     0  int32  the bytes after this field
///     4  those bytes: a header and a body
///
/// A length that is negative or greater than the limit ends the connection with an error: the start of the next frame
/// cannot be found. The check comes before any allocation for the frame.
package struct FrameDecoder: NIOSingleStepByteToMessageDecoder {
    package typealias InboundOut = ByteBuffer

    private static let prefixByteCount = 4

    private let frameByteCountMax: Int

    /// A decoder of frames of at most `frameByteCountMax` bytes.
    package init(frameByteCountMax: Int = Limits.frameByteCountMax) {
        self.frameByteCountMax = frameByteCountMax
    }

    /// How many bytes the next frame has, its length included; `nil` until the length has arrived.
    package func frameByteCount(in buffer: ByteBuffer) throws(DecodeError) -> Int? {
        guard let prefix = buffer.getInteger(at: buffer.readerIndex, as: Int32.self) else { return nil }
        let length = Int(prefix)
        guard 0...frameByteCountMax ~= length else {
            throw DecodeError(.frameLength(length, limit: frameByteCountMax))
        }
        return Self.prefixByteCount + length
    }

    /// The next frame without its length; `nil` until it is complete.
    package mutating func decode(buffer: inout ByteBuffer) throws -> ByteBuffer? {
        guard let byteCount = try frameByteCount(in: buffer), buffer.readableBytes >= byteCount else { return nil }
        buffer.moveReaderIndex(forwardBy: Self.prefixByteCount)
        return buffer.readSlice(length: byteCount - Self.prefixByteCount)
    }

    /// The last frame of a connection that is closed; throws where it is closed within one.
    package mutating func decodeLast(buffer: inout ByteBuffer, seenEOF: Bool) throws -> ByteBuffer? {
        if let frame = try decode(buffer: &buffer) { return frame }
        guard buffer.readableBytes == 0 else {
            let available = buffer.readableBytes
            let needed = buffer.getInteger(at: buffer.readerIndex, as: Int32.self).map { Int($0) + 4 } ?? 4
            throw DecodeError(.truncated(needed: needed, available: available))
        }
        return nil
    }
}
