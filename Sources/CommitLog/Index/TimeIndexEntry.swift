import NIOCore

/// The greatest timestamp up to a place in the segment, and the batch that has it.
///
///     0 int64  greatest timestamp of all batches up to that place, ms since 1970
///     8 uint32 offset of the first record of the first batch that has it, less the base offset of the segment
///
/// Big-endian, both strictly rising. The place is that of the offset index's entry made with it, at or behind the
/// batch. A sealed segment's last entry has the greatest timestamp of all.
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
