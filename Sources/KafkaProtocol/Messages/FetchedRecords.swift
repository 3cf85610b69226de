package import NIOCore

/// The record batches of a partition in a fetch's answer.
package enum FetchedRecords: Sendable, Equatable {
    /// None: null on the wire. A broker never sends it: librdkafka takes such an answer for a broken one.
    case none
    /// Bytes in memory.
    case bytes(ByteBuffer)
    /// So many bytes that are put in from a file when the answer is sent: see ``ResponseFrame``.
    case external(byteCount: Int)
}
