package import NIOCore

/// The record batches of a partition in a fetch's answer.
package enum FetchedRecords: Sendable, Equatable {
    /// None: null on the wire, which goes with an error. Some clients want an empty ``bytes(_:)`` where there is no error.
    case none
    /// Bytes in memory.
    case bytes(ByteBuffer)
    /// So many bytes that whoever sends the answer puts in from a file: see ``ResponseFrame``.
    case external(byteCount: Int)
}
