import Checksums
import Files
import NIOCore
import SystemPackage

/// How much of an active segment is on the device, with its indexes and the producers there: after a crash the segment is read
/// from there on, and not from its beginning. A part of `PartitionCheckpoint`:
///
///     {"bytes":33554432,"endOffset":70211,"hasProducers":true,
///      "offsets":{"count":8190,"crc32c":2587886078},"segment":65536,"times":{"count":31,"crc32c":19088743}}
///
/// It is noted by maintenance, off the way of appends: the log is flushed; the files of the segment's indexes get the entries
/// that came since the last point, at their ends; a snapshot of the producers is written; then the checkpoint names the
/// point. A crash at any step leaves the point before, as the entries that it counts stay what they were. The checksums
/// tell where they did not. What a power cut took of the log itself shows in its length, or where the last batches before
/// the point do not end at it; then the segment is read as a whole.
struct RecoveryPoint: Codable, Hashable, Sendable {
    /// The first entries of an index.
    struct IndexPart: Codable, Hashable, Sendable {
        var count = 0
        /// Of these entries as the file has them.
        var crc32c = CRC32C().value
    }

    /// The base offset of the segment.
    let segment: Int64
    /// All of its bytes before this one are on the device, and a batch ends here.
    let bytes: Int
    /// The offset after that batch.
    let endOffset: Int64
    /// Whether the log remembers producers there; if so there is a snapshot of them.
    let hasProducers: Bool
    let offsets: IndexPart
    let times: IndexPart

    /// Whether its numbers can be those of a point.
    var isPossible: Bool {
        segment >= 0 && bytes > 0 && bytes <= LogLimits.cleanedBytesMax && endOffset > segment
            && endOffset <= LogLimits.offsetMax && endOffset - segment <= GapBatch.offsetsMax
            && [offsets.count, times.count].allSatisfy { 0...bytes ~= $0 }
    }
}

/// A recovery point that is being made, as the log was under its lock.
struct RecoveryPointDraft: Sendable {
    let point: RecoveryPoint
    let producers: [Int64: ProducerState]
    private let offsets: NewEntries
    private let times: NewEntries

    /// The entries of an index that its file does not have, and where they go.
    private struct NewEntries {
        let path: FilePath
        let position: Int
        let bytes: ByteBuffer

        func write(_ disk: Disk) throws(FileError) {
            guard bytes.readableBytes > 0 else { return }
            let file = try disk.open(path, .writeOnly, options: .create)
            try file.write(bytes.readableBytesSpan, at: position)
            try file.synchronize()
        }
    }

    /// The point at the end of an active segment that has batches.
    ///
    /// - Parameter last: The last point that was noted; it may be of another segment.
    init(of segment: LogSegment, endOffset: Int64, producers: [Int64: ProducerState], after last: RecoveryPoint?) {
        let last = last.flatMap { $0.segment == segment.baseOffset ? $0 : nil }
        let (offsets, offsetPart) = Self.part(segment.offsetIndex, segment.offsetIndexPath, after: last?.offsets)
        let (times, timePart) = Self.part(segment.timeIndex, segment.timeIndexPath, after: last?.times)
        (self.offsets, self.times) = (offsets, times)
        self.producers = producers
        point = RecoveryPoint(
            segment: segment.baseOffset,
            bytes: segment.size,
            endOffset: endOffset,
            hasProducers: !producers.isEmpty,
            offsets: offsetPart,
            times: timePart
        )
    }

    private static func part<Entry: IndexEntry>(
        _ index: SparseIndex<Entry>,
        _ path: FilePath,
        after last: RecoveryPoint.IndexPart?
    ) -> (NewEntries, RecoveryPoint.IndexPart) {
        let known = last ?? RecoveryPoint.IndexPart()
        let bytes = index.bytes(from: known.count)
        var checksum = CRC32C(after: known.crc32c)
        checksum.update(bytes.readableBytesSpan)
        let part = RecoveryPoint.IndexPart(count: index.count, crc32c: checksum.value)
        return (NewEntries(path: path, position: known.count * Entry.byteCount, bytes: bytes), part)
    }

    /// Brings indexes and producers to the device. The log is there already.
    func write(in directory: FilePath, disk: Disk) throws(FileError) {
        try offsets.write(disk)
        try times.write(disk)
        guard point.hasProducers else { return }
        try ProducerSnapshot(offset: point.endOffset, producers: producers).save(
            in: directory,
            durably: true,
            disk: disk
        )
    }
}
