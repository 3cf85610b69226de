import NIOCore

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
