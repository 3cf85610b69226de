import Files
import KafkaProtocol
import NIOCore
import SystemPackage

/// The segment that cleaning makes of one or more others, while it is written.
///
/// Batches that lose all of their records become one batch without records for all of their offsets (`GapBatch`). The last
/// batch of a producer keeps one of its own, so that its sequence numbers go on after it.
struct CleanedSegment: Sendable {
    /// The segment; sealed, under its own name, once ``seal(firstAppend:lastAppend:)`` was called.
    private(set) var segment: LogSegment
    /// Whether it differs from what it is made from.
    private(set) var isChanged = false
    private let file: OpenFile
    private let indexIntervalBytes: Int
    /// Offsets without a record that were not written yet, and the leader epoch of their batches.
    private var gap: (offsets: Range<Int64>, leaderEpoch: Int32)?
    private var unforcedBytes = 0

    init(in directory: FilePath, baseOffset: Int64, indexIntervalBytes: Int, disk: Disk) throws(FileError) {
        (segment, file) = try LogSegment.cleaned(in: directory, baseOffset: baseOffset, disk: disk)
        self.indexIntervalBytes = indexIntervalBytes
    }

    /// Writes a batch that has records.
    mutating func append(_ batch: ByteBuffer, isChanged: Bool) throws(FileError) {
        try writeGap()
        self.isChanged = self.isChanged || isChanged
        try write(batch)
    }

    /// Takes the offsets of a batch of which no record stays.
    ///
    /// - Parameter isLastOfProducer: Whether the state of its producer is known by it.
    mutating func skip(_ header: RecordBatchHeader, isLastOfProducer: Bool) throws(FileError) {
        isChanged = isChanged || header.recordCount > 0
        let offsets = header.baseOffset..<header.nextOffset
        if isLastOfProducer {
            try writeGap()
            try write(
                GapBatch.afterCompaction(offsets, leaderEpoch: header.partitionLeaderEpoch, producer: header)
            )
            return
        }
        // What was the last batch of its producer is not any more.
        isChanged = isChanged || header.hasProducerID
        if let gap, gap.leaderEpoch == header.partitionLeaderEpoch,
            offsets.upperBound - gap.offsets.lowerBound <= GapBatch.offsetsMax
        {
            self.gap = (gap.offsets.lowerBound..<offsets.upperBound, gap.leaderEpoch)
            isChanged = true
        } else {
            try writeGap()
            gap = (offsets, header.partitionLeaderEpoch)
        }
    }

    private mutating func writeGap() throws(FileError) {
        guard let gap else { return }
        self.gap = nil
        try write(GapBatch.afterCompaction(gap.offsets, leaderEpoch: gap.leaderEpoch))
    }

    private mutating func write(_ batch: ByteBuffer) throws(FileError) {
        guard let header = try? RecordBatchHeader(batch) else {
            preconditionFailure("cleaning made a batch without a valid header")
        }
        guard segment.size + batch.readableBytes <= LogLimits.cleanedBytesMax else {
            throw FileError(
                .failed,
                segment.logPath,
                "\(segment.logPath) would have more than \(LogLimits.cleanedBytesMax) bytes cleaned",
                cure: "Lower segment.bytes of the topic"
            )
        }
        try file.write(batch.readableBytesSpan, at: segment.size)
        segment.noteCleaned(header, indexIntervalBytes: indexIntervalBytes)
        // A little at a time: the device also serves appends, which would wait for all of it.
        unforcedBytes += batch.readableBytes
        if unforcedBytes >= LogLimits.cleaningFlushBytes {
            try file.synchronize()
            unforcedBytes = 0
        }
    }

    /// Writes what is left and forces the log to the device. It has its indexes in memory then, and not its name yet.
    mutating func seal(firstAppend: Int64?, lastAppend: Int64?) throws(FileError) {
        try writeGap()
        segment.sealCleaned(firstAppend: firstAppend, lastAppend: lastAppend)
        if let lastAppend { try file.setModification(milliseconds: lastAppend) }
        try file.synchronize()
    }

    /// Removes it where it is not needed. Where that fails, the next opening does.
    func discard() { try? segment.removeCleaned() }
}
