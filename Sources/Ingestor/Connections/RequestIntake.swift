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

    /// Storage is not kept for less than one part in so many of it.
    private static let sparseness = 2
    /// Storage that requests may share until the last of them is answered: that of a read. What is larger was made for one.
    private static let sharedStorageByteCountMax = 1024 * 1024

    private var decoder: FrameDecoder
    private var inbox = ByteBuffer()
    /// The length of the frame that is being read, with its prefix; `nil` until memory for it is reserved.
    private var frameByteCount: Int?
    /// What is reserved beyond the bytes that are here.
    private var reserved = 0
    /// The bytes of the request that is being answered.
    private var underway = 0

    package init(frameByteCountMax: Int) {
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
            guard let byteCount = try decoder.frameByteCount(in: inbox) else { return .needBytes }
            return .needMemory(max(0, byteCount - inbox.readableBytes))
        }
        guard let frame = try decoder.decode(buffer: &inbox) else { return .needBytes }
        self.frameByteCount = nil
        underway = frameByteCount
        return .request(frame)
    }

    /// The memory that ``next()`` asked for is reserved.
    package mutating func granted(_ byteCount: Int) {
        reserved = byteCount
        frameByteCount = try? decoder.frameByteCount(in: inbox)
        if byteCount > 0 { makeRoom(for: inbox.readableBytes + byteCount) }
    }

    /// The request is answered.
    ///
    /// - Returns: the bytes to release.
    package mutating func answered() -> Int {
        defer { underway = 0 }
        // What is not charged any more is not to be kept either: behind a request of megabytes there may be nothing, or the
        // first bytes of the next one, for which its client lets us wait.
        if inbox.readableBytes == 0 {
            inbox = ByteBuffer()
        } else if inbox.readableBytes < MemoryLayout<Int32>.size
            || inbox.storageCapacity > Self.sharedStorageByteCountMax
        {
            inbox = ByteBuffer(bytes: inbox.readableBytesView)
        }
        return underway
    }

    /// Moves what is there to the front of storage that has room for `byteCount` bytes, so that a frame which comes in many
    /// pieces is copied once and not with each of them. Storage that is much larger is left too: it is another request's.
    private mutating func makeRoom(for byteCount: Int) {
        let hasRoom = inbox.readableBytes + inbox.writableBytes >= byteCount
        if hasRoom, inbox.storageCapacity / Self.sparseness <= byteCount { return }
        var larger = ByteBufferAllocator().buffer(capacity: byteCount)
        larger.writeImmutableBuffer(inbox)
        inbox = larger
    }
}
