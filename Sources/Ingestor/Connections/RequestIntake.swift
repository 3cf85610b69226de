import KafkaProtocol
package import NIOCore

/// Cuts the bytes of one connection into requests, one at a time, and says how much memory the next one needs before it is
/// read on. Pure: the connection's handler feeds it and does what it says.
///
/// A frame on the wire: int32 length, then as many bytes (see `FrameDecoder`). The length is looked at as soon as its four
/// bytes are there: one that is refused costs no memory.
package struct RequestIntake {
    /// What the connection has to do next.
    package enum Step {
        /// Read more bytes.
        case needBytes
        /// Reserve so many bytes beside those that are here already, then call ``granted(_:)``.
        case needMemory(Int)
        /// Answer this request. Its bytes stay reserved until ``answered()``.
        case request(ByteBuffer)
    }

    private static let prefixByteCount = 4

    private var decoder: FrameDecoder
    private let frameByteCountMax: Int
    private var inbox = ByteBuffer()
    /// The length of the frame that is being read, with its prefix; `nil` until memory for it is reserved.
    private var frameByteCount: Int?
    /// What is reserved beyond the bytes that are here.
    private var reserved = 0
    /// The bytes of the request that is being answered.
    private var underway = 0

    package init(frameByteCountMax: Int) {
        self.frameByteCountMax = frameByteCountMax
        decoder = FrameDecoder(frameByteCountMax: frameByteCountMax)
    }

    /// Whether a request has begun and is not whole.
    package var isInsideFrame: Bool { inbox.readableBytes > 0 || frameByteCount != nil }
    /// Whether a reservation is held.
    package var holdsReservation: Bool { frameByteCount != nil || underway > 0 }
    /// All bytes that this connection is charged for.
    package var charged: Int { inbox.readableBytes + reserved + underway }

    /// Bytes came.
    ///
    /// - Returns: how many of them no reservation was made for: they are to be charged.
    package mutating func received(_ bytes: ByteBuffer) -> Int {
        let covered = min(reserved, bytes.readableBytes)
        let uncovered = bytes.readableBytes - covered
        reserved -= covered
        if inbox.readableBytes == 0 {
            inbox = bytes
            if let frameByteCount, frameByteCount > bytes.readableBytes { makeRoom(for: frameByteCount) }
        } else {
            makeRoom(for: max(inbox.readableBytes + bytes.readableBytes, frameByteCount ?? 0))
            inbox.writeImmutableBuffer(bytes)
        }
        return uncovered
    }

    /// What to do next.
    ///
    /// - Throws: where the bytes cannot be a frame, or one that is too long; the connection cannot go on.
    package mutating func next() throws -> Step {
        guard let frameByteCount else {
            guard let length = inbox.getInteger(at: inbox.readerIndex, as: Int32.self) else { return .needBytes }
            guard 0...frameByteCountMax ~= Int(length) else {
                throw DecodeError(.frameLength(Int(length), limit: frameByteCountMax))
            }
            return .needMemory(max(0, Self.prefixByteCount + Int(length) - inbox.readableBytes))
        }
        guard let frame = try decoder.decode(buffer: &inbox) else { return .needBytes }
        self.frameByteCount = nil
        underway = frameByteCount
        return .request(frame)
    }

    /// The memory that ``next()`` asked for is reserved.
    package mutating func granted(_ byteCount: Int) {
        reserved = byteCount
        frameByteCount = inbox.readableBytes + byteCount
        if let length = inbox.getInteger(at: inbox.readerIndex, as: Int32.self) {
            frameByteCount = Self.prefixByteCount + Int(length)
        }
    }

    /// The request is answered.
    ///
    /// - Returns: the bytes to release.
    package mutating func answered() -> Int {
        defer { underway = 0 }
        return underway
    }

    /// Moves what is there to the front of storage that has room for `byteCount` bytes, so that a frame which comes in many
    /// pieces is copied once and not with each of them.
    private mutating func makeRoom(for byteCount: Int) {
        guard inbox.readableBytes + inbox.writableBytes < byteCount else { return }
        var larger = ByteBufferAllocator().buffer(capacity: byteCount)
        larger.writeImmutableBuffer(inbox)
        inbox = larger
    }
}
