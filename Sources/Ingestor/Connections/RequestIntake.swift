import KafkaProtocol
package import NIOCore

/// Cuts the bytes of one connection into requests, one at a time. Pure: the connection's handler feeds it and does what it
/// says.
///
/// A frame on the wire: int32 length, then as many bytes (see `FrameDecoder`). The length is checked as soon as its four
/// bytes are there: one that is refused costs no memory. Storage grows with what came, never with what was announced.
package struct RequestIntake {
    /// What the connection has to do next.
    package enum Step {
        /// Read more bytes: so many are missing; `nil` where the length of the request is not known.
        case needBytes(missing: Int?)
        /// Answer this request. Its bytes stay counted until ``answered()``.
        case request(ByteBuffer)
    }

    /// Storage is not kept for less than one part in so many of it.
    private static let sparseness = 2
    /// Storage that requests may share until the last of them is answered: that of a read. What is larger was made for one.
    private static let sharedStorageByteCountMax = 1024 * 1024
    /// Storage that is never too much.
    private static let smallStorageByteCount = 2 * 1024
    /// The storage of an incomplete request is at most so many times what has arrived, whatever its length prefix says.
    private static let growth = 2

    private var decoder: FrameDecoder
    private var inbox = ByteBuffer()
    /// The bytes of the request that is being answered.
    private var underway = 0

    package init(frameByteCountMax: Int) {
        decoder = FrameDecoder(frameByteCountMax: frameByteCountMax)
    }

    /// Whether a request has begun and is incomplete.
    package var isInsideFrame: Bool { inbox.readableBytes > 0 }
    /// All bytes that are here for this connection.
    package var byteCount: Int { inbox.readableBytes + underway }
    /// The storage of what is not answered yet, in bytes.
    package var storageByteCount: Int { inbox.storageCapacity }

    /// Bytes came.
    package mutating func received(_ bytes: ByteBuffer) {
        if inbox.readableBytes == 0 {
            inbox = bytes
        } else {
            inbox.writeImmutableBuffer(bytes)
        }
    }

    /// What to do next.
    ///
    /// - Throws: where the bytes cannot be a frame, or one that is too long; the connection cannot go on.
    package mutating func next() throws -> Step {
        guard let byteCount = try decoder.frameByteCount(in: inbox) else {
            fitStorage(to: MemoryLayout<Int32>.size)
            return .needBytes(missing: nil)
        }
        guard let frame = try decoder.decode(buffer: &inbox) else {
            fitStorage(to: byteCount)
            return .needBytes(missing: byteCount - inbox.readableBytes)
        }
        underway = byteCount
        return .request(frame)
    }

    /// The request is answered.
    ///
    /// - Returns: the bytes that are no longer held.
    package mutating func answered() -> Int {
        defer { underway = 0 }
        // What is no longer counted must not be held either: after a request of megabytes there may be nothing, or the first
        // bytes of the next one, whose rest may take long.
        if inbox.readableBytes == 0 {
            inbox = ByteBuffer()
        } else if inbox.readableBytes < MemoryLayout<Int32>.size
            || inbox.storageCapacity > Self.sharedStorageByteCountMax
        {
            inbox = ByteBuffer(bytes: inbox.readableBytesView)
        }
        return underway
    }

    /// Reading is put off: the bytes of an unfinished request keep no room for its rest.
    package mutating func readingWaits() {
        guard storageByteCount / Self.sparseness > max(inbox.readableBytes, Self.smallStorageByteCount) else {
            return
        }
        inbox = ByteBuffer(bytes: inbox.readableBytesView)
    }

    /// Gives the bytes of an unfinished request storage that suits them: room for the rest where that is not much more than
    /// what is here, and no storage that is mostly empty or mostly other requests'.
    private mutating func fitStorage(to byteCount: Int) {
        let here = inbox.readableBytes
        guard here > 0 else {
            inbox = ByteBuffer()
            return
        }
        let wanted = min(byteCount, here * Self.growth)
        let hasRoom = here + inbox.writableBytes >= min(wanted, here + 1)
        let isSparse = storageByteCount / Self.sparseness > max(wanted, Self.smallStorageByteCount)
        if hasRoom, !isSparse { return }
        var fitting = ByteBufferAllocator().buffer(capacity: wanted)
        fitting.writeImmutableBuffer(inbox)
        inbox = fitting
    }
}
