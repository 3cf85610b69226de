import NIOCore

/// One entry of fixed size in a ``SparseIndex``.
protocol IndexEntry: Sendable {
    static var byteCount: Int { get }

    /// Reads an entry; `nil` where there are fewer bytes.
    init?(reading buffer: inout ByteBuffer)
    func write(to buffer: inout ByteBuffer)
}

/// Where a batch is.
///
///     0 uint32 offset of its first record, less the base offset of the segment
///     4 uint32 position of the batch in the segment's file
///
/// Big-endian, in the order of both. Entries are at least `index.interval.bytes` of log apart.
struct OffsetIndexEntry: IndexEntry, Hashable {
    static let byteCount = 8

    let relativeOffset: UInt32
    let position: UInt32

    init(relativeOffset: UInt32, position: UInt32) {
        self.relativeOffset = relativeOffset
        self.position = position
    }

    init?(reading buffer: inout ByteBuffer) {
        guard let fields = buffer.readMultipleIntegers(as: (UInt32, UInt32).self) else { return nil }
        (relativeOffset, position) = fields
    }

    func write(to buffer: inout ByteBuffer) { buffer.writeMultipleIntegers(relativeOffset, position) }
}

/// The greatest timestamp up to a batch.
///
///     0 int64  greatest timestamp of this batch and all before it in the segment, ms since 1970
///     8 uint32 offset of the batch's first record, less the base offset of the segment
///
/// Big-endian, both strictly rising. A sealed segment's last entry has the greatest timestamp of all.
struct TimeIndexEntry: IndexEntry, Hashable {
    static let byteCount = 12

    let timestamp: Int64
    let relativeOffset: UInt32

    init(timestamp: Int64, relativeOffset: UInt32) {
        self.timestamp = timestamp
        self.relativeOffset = relativeOffset
    }

    init?(reading buffer: inout ByteBuffer) {
        guard let fields = buffer.readMultipleIntegers(as: (Int64, UInt32).self) else { return nil }
        (timestamp, relativeOffset) = fields
    }

    func write(to buffer: inout ByteBuffer) { buffer.writeMultipleIntegers(timestamp, relativeOffset) }
}
