import Files
import KafkaProtocol
import NIOCore
import SystemPackage

/// The part of a ``PartitionLog`` that its lock protects.
struct LogState: Sendable {
    /// What batches get as their leader epoch: there is one node, it leads since the beginning.
    static let leaderEpoch: Int32 = 0
    /// The bytes of a batch in front of those that are written as they came: base offset, length, leader epoch.
    static let prefixByteCount = 16
    /// The bound of a log for which none was noted yet.
    static let reservedAtFirst = LogLimits.offsetsReserved

    let directory: FilePath
    let disk: Disk
    var configuration: LogConfiguration
    /// In order; the last one is active. Never empty.
    var segments: [LogSegment]
    var logStartOffset: Int64
    var endOffset: Int64
    var producers: ProducerStateManager
    /// No record gets this offset or a greater one before more are reserved: see ``OffsetReservations``.
    var reservedOffset = Self.reservedAtFirst
    /// The start of the log that its checkpoint has.
    var notedStartOffset: Int64 = 0
    /// All records before it are on the device.
    var flushedOffset: Int64
    /// When the oldest record that is not there was appended, ms since 1970.
    var unflushedSince: Int64?
    /// Whether segments were made whose names may not be on the device.
    var directoryNeedsFlush = false
    /// The base offsets of batches of earlier versions that were found to be unreadable.
    var damagedOffsets: Set<Int64> = []
    var isClosed = false
    /// The base offset of the first segment in which a read found damage.
    var damagedFrom: Int64?
    /// What maintenance has to report of it.
    var damageToReport: String?
    /// Set where the device did not take what was written: what it holds is unknown until recovery has read it.
    var failure: LogError?

    var active: LogSegment {
        get { segments[segments.count - 1] }
        _modify { yield &segments[segments.count - 1] }
    }

    func requireOpen() throws(LogError) {
        if isClosed { throw .closed(directory) }
    }

    func requireWritable() throws(LogError) {
        try requireOpen()
        if let failure {
            throw LogError(
                .storageFailed,
                "the log takes no batches since an earlier failure (\(failure.description)). Check the disk, then "
                    + "restart the ingestor"
            )
        }
    }

    func outOfRange(_ offset: Int64) -> LogError {
        LogError(
            .offsetOutOfRange,
            "\(directory.lastComponent?.string ?? "the log") has the offsets \(logStartOffset)..<\(endOffset), "
                + "not \(offset)"
        )
    }

    /// The batch with this header as it is in the log already; `nil` where it is to be appended.
    ///
    /// - Throws: where the log does not take it.
    func duplicate(of header: RecordBatchHeader) throws(LogError) -> AppendOutcome? {
        try requireWritable()
        guard header.totalByteCount <= configuration.messageBytesMax else {
            throw LogError(
                .messageTooLarge,
                "a batch has \(header.totalByteCount) bytes, the topic takes \(configuration.messageBytesMax). Raise "
                    + "max.message.bytes of the topic or lower batch.size of the producer"
            )
        }
        guard case .duplicate(let known) = try producers.verdict(on: header) else { return nil }
        return .duplicate(baseOffset: known.baseOffset, lastOffset: known.lastOffset)
    }

    /// Appends a batch that was checked; see ``PartitionLog/append(batch:now:)``.
    ///
    /// - Returns: `nil` where too few offsets are reserved.
    mutating func append(_ batch: ByteBuffer, _ header: RecordBatchHeader, now: Int64) throws(LogError)
        -> AppendOutcome?
    {
        if let known = try duplicate(of: header) { return known }
        guard endOffset + Int64(header.lastOffsetDelta) < reservedOffset else { return nil }
        if active.isFull(for: header, endOffset: endOffset, now: now, configuration) { try roll() }
        var stored = header
        stored.baseOffset = endOffset
        stored.partitionLeaderEpoch = Self.leaderEpoch
        try write(batch, stored, now: now)
        producers.record(stored, at: now)
        if unflushedSince == nil { unflushedSince = now }
        endOffset = stored.nextOffset
        return .appended(baseOffset: stored.baseOffset, lastOffset: stored.lastOffset)
    }

    /// Writes the bytes of a batch, the first of them replaced by those of `header`. The others are not copied: the
    /// request's buffer, which others share, stays as it came.
    private mutating func write(_ batch: ByteBuffer, _ header: RecordBatchHeader, now: Int64) throws(LogError) {
        var prefix = ByteBufferAllocator().buffer(capacity: Self.prefixByteCount)
        prefix.writeMultipleIntegers(header.baseOffset, header.batchLength, header.partitionLeaderEpoch)
        do throws(FileError) {
            try active.append(
                header,
                prefix: prefix.readableBytesSpan,
                rest: batch.readableBytesSpan.extracting(droppingFirst: Self.prefixByteCount),
                now: now,
                indexIntervalBytes: configuration.indexIntervalBytes
            )
        } catch {
            throw LogError(error)
        }
    }

    /// Seals the active segment, which has a batch, and begins the next one. Where it fails nothing has changed.
    mutating func roll() throws(LogError) {
        precondition(active.size > 0, "an empty segment is sealed: the next one would have its name, \(active.logPath)")
        do throws(FileError) {
            let sealed = try active.sealed()
            try ProducerSnapshot(offset: endOffset, producers: producers.producers).save(in: directory, disk: disk)
            let next = try LogSegment.create(in: directory, baseOffset: endOffset, disk: disk)
            active = sealed
            segments.append(next)
        } catch {
            throw LogError(error)
        }
        directoryNeedsFlush = true
    }
}
