import CoreMetrics
import Files
import KafkaProtocol
package import NIOCore
import Synchronization
package import SystemPackage

/// The log of one partition: record batches in the order of their offsets, in segments, in a directory of its own.
///
///     utenti-0/
///       00000000000000000000.log  .index  .timeindex     sealed segment
///       00000000000000065536.log                         active segment
///       00000000000000065536.snapshot                    producers at that offset (ProducerSnapshot)
///       00000000000000000000.log.damaged-4711            bytes that were damaged there: see SegmentRepair
///       checkpoint.json                                  PartitionCheckpoint
///
/// All calls are synchronous, may block on the device, and may come from any thread. Appending holds one lock while it
/// writes; flushing, retention and closing take turns by another one and hold the first only for moments, so that
/// neither readers nor appends wait for the device on their account.
package final class PartitionLog: Sendable {
    /// The leader epoch of all batches: there is one node, the leader from the start.
    package static let leaderEpoch: Int32 = 0

    package let directory: FilePath
    let disk: Disk
    let reservations: OffsetReservations?
    let state: Mutex<LogState>
    /// See ``uncheckedBelow``.
    let unchecked = Atomic<Int64>(0)
    /// Told of every append.
    package let observers = AppendObservers()
    /// Held while files are forced to the device, segments deleted or the checkpoint written. Taken before `state`.
    let maintenance = Mutex(())

    init(_ state: LogState, _ reservations: OffsetReservations?) {
        directory = state.directory
        disk = state.disk
        self.reservations = reservations
        self.state = Mutex(state)
    }

    /// The offset of the oldest record that is kept.
    package var logStartOffset: Int64 { state.withLock { $0.logStartOffset } }
    /// The offset that the next record will get. There is one node, so it is the high watermark too.
    package var endOffset: Int64 { state.withLock { $0.endOffset } }
    /// All records before it are on the device.
    package var flushedOffset: Int64 { state.withLock { $0.flushedOffset } }
    /// The bytes of all batches that are kept.
    package var byteCount: Int { state.withLock { $0.segments.reduce(0) { $0 + $1.size } } }
    /// The number of segments, the active one included.
    package var segmentCount: Int { state.withLock { $0.segments.count } }
    /// The largest id of the idempotent producers that the log remembers; `nil` where it remembers none.
    package var largestProducerID: Int64? { state.withLock { $0.producers.producers.keys.max() } }
    /// When the log forces batches to the device.
    package var flushPolicy: FlushPolicy { state.withLock { $0.configuration.flushPolicy } }
    /// How the log is kept.
    package var configuration: LogConfiguration { state.withLock { $0.configuration } }

    /// Appends one batch in Kafka's format 2, as a producer sent it.
    ///
    /// The log assigns its base offset and leader epoch and keeps its other bytes as they are. When this returns,
    /// readers see the batch; with ``FlushPolicy/always`` it is on the device too.
    ///
    /// - Parameter now: the time by the log's clock; see ``LogClock``.
    /// - Throws: ``LogError``, with nothing appended: `corruptBatch`, `unsupportedFormat`, `invalidRecord`,
    ///   `messageTooLarge`, `outOfOrderSequence`, `invalidProducerEpoch`, `storageFull`, `storageFailed`, `closed`. One
    ///   exception: where forcing the batch to the device failed (`storageFailed`), it is in the log and readers see it;
    ///   whether it is there after a restart is open.
    package func append(batch: ByteBuffer, now: Int64) throws(LogError) -> AppendOutcome {
        let header = try BatchCheck.header(of: batch)
        if let codec = header.attributes.codec, codec != .none {
            // Decompressing takes long, so first what would make it needless, and then without the lock.
            let (known, messageBytesMax) = try state.withLock { state throws(LogError) in
                (try state.duplicate(of: header), state.configuration.messageBytesMax)
            }
            if let known { return known }
            try BatchCheck.checkCompressedRecords(batch, header, codec, messageBytesMax: messageBytesMax)
        }
        while true {
            let (outcome, policy) = try state.withLock { state throws(LogError) in
                (try state.append(batch, header, now: now), state.configuration.flushPolicy)
            }
            guard let outcome else {
                try reserve(for: Int64(header.lastOffsetDelta) + 1)
                continue
            }
            if policy == .always { try flush(through: outcome.lastOffset + 1) }
            if case .appended = outcome { observers.appended(batch.readableBytes) }
            return outcome
        }
    }

    // MARK: Offsets ahead

    /// The bound below which offsets may be given.
    package var reservedOffset: Int64 { state.withLock { $0.reservedOffset } }

    /// Where the bound should be now; `nil` while more than half of what is reserved is left.
    var reservationDue: Int64? {
        state.withLock { state in
            let left = state.reservedOffset - state.endOffset
            if state.isClosed || left > LogLimits.offsetsReserved / 2 { return nil }
            return state.endOffset + LogLimits.offsetsReserved
        }
    }

    /// Raises the bound by the whole reserve, for an append that does not fit. Maintenance usually does so before.
    private func reserve(for count: Int64) throws(LogError) {
        let bound = endOffset + count + LogLimits.offsetsReserved
        do throws(FileError) {
            try reservations?.raise([directory.lastComponent?.string ?? "": bound])
        } catch {
            throw LogError(error)
        }
        try reserve(through: bound)
    }

    /// Raises the bound, which ``OffsetReservations`` has noted, in the partition's own checkpoint and then for appends.
    func reserve(through bound: Int64) throws(LogError) {
        try maintenance.withLock { _ throws(LogError) in
            try saveCheckpoint(reservedOffset: bound)
            state.withLock { $0.reservedOffset = max($0.reservedOffset, bound) }
        }
    }
}

/// The outcome of ``PartitionLog/append(batch:now:)``.
package enum AppendOutcome: Hashable, Sendable {
    /// It is in the log, with these offsets.
    case appended(baseOffset: Int64, lastOffset: Int64)
    /// The same batch of the same producer was in the log already, with these offsets: it is to be acknowledged again.
    case duplicate(baseOffset: Int64, lastOffset: Int64)

    /// The offset of the batch's first record.
    package var baseOffset: Int64 {
        switch self {
        case .appended(let offset, _), .duplicate(let offset, _): offset
        }
    }

    /// The offset of the batch's last record.
    package var lastOffset: Int64 {
        switch self {
        case .appended(_, let offset), .duplicate(_, let offset): offset
        }
    }
}

extension PartitionLog {
    /// Flushes everything that was appended before the call.
    ///
    /// - Throws: ``LogError/Code/storageFailed``. After a failed flush the log accepts no batches until it is
    ///   opened again: what the device holds is unknown, and a second flush would not reveal it. Where a file could not
    ///   be opened, nothing is lost, and the next flush retries.
    package func flush() throws(LogError) { try flush(through: endOffset) }

    /// Returns when all records before `offset` are on the device. Callers that wait for one another share one flush.
    func flush(through offset: Int64) throws(LogError) {
        try maintenance.withLock { _ throws(LogError) in
            if state.withLock({ $0.flushedOffset >= offset }) { return }
            try synchronize()
        }
    }

    /// Forces all unflushed segments, and the directory's names, to the device. Call it with ``maintenance`` held.
    ///
    /// - Returns: whether sealed segments were among them, so that the recovery point moves.
    /// - Throws: the earlier failure where there was one. The operating system reports lost pages once: a second try
    ///   would succeed without them.
    @discardableResult
    func synchronize() throws(LogError) -> Bool {
        let work = try state.withLock { state throws(LogError) in
            if let failure = state.failure { throw failure }
            return try LogError.mapping { () throws(FileError) in try state.takeUnflushed() }
        }
        let began = ContinuousClock.now
        do throws(FileError) {
            for file in work.files { try file.synchronize() }
            if !work.files.isEmpty { LogMetrics.flushed(began.duration(to: .now)) }
        } catch {
            let failure = LogError(error)
            state.withLock { $0.failure = failure }
            throw failure
        }
        state.withLock { state in
            state.flushedOffset = max(state.flushedOffset, work.endOffset)
            for index in state.segments.indices where work.sealed.contains(state.segments[index].baseOffset) {
                state.segments[index].needsFlush = false
            }
        }
        return !work.sealed.isEmpty
    }

    /// Writes the checkpoint. Call it with ``maintenance`` held.
    ///
    /// - Parameter reservedOffset: A new bound, to be used when this returns.
    func saveCheckpoint(
        cleanEnd: PartitionCheckpoint.CleanEnd? = nil,
        reservedOffset: Int64 = 0
    ) throws(LogError) {
        let checkpoint = state.withLock { state in
            let unflushed = state.segments.first { $0.needsFlush || $0.isActive }
            return PartitionCheckpoint(
                logStartOffset: state.logStartOffset,
                recoveryOffset: min(unflushed?.baseOffset ?? state.endOffset, state.damagedFrom ?? .max),
                flushedOffset: state.flushedOffset,
                reservedOffset: max(state.reservedOffset, reservedOffset),
                cleanEnd: state.damagedFrom == nil ? cleanEnd : nil
            )
        }
        do throws(FileError) {
            try checkpoint.save(in: directory, disk: disk)
        } catch {
            throw LogError(error)
        }
        state.withLock { $0.notedStartOffset = max($0.notedStartOffset, checkpoint.logStartOffset) }
    }

    /// Forces everything to the device and notes that, so that the next opening reads nothing. The log then refuses
    /// all calls with ``LogError/Code/closed``; slices that were read before stay valid. Closing twice does nothing.
    ///
    /// - Throws: ``LogError`` where the device did not take it all. The log is closed nevertheless, and recovers when
    ///   it is opened again.
    package func close() throws(LogError) {
        try maintenance.withLock { _ throws(LogError) in
            // Closed first: what was appended later would not be part of what is noted.
            let (wasClosed, failure) = state.withLock { state in
                defer { state.isClosed = true }
                return (state.isClosed, state.failure)
            }
            if wasClosed { return }
            if let failure { throw failure }
            try synchronize()
            let (active, endOffset, producers) = state.withLock { ($0.active, $0.endOffset, $0.producers) }
            try LogError.mapping { () throws(FileError) in
                try active.saveIndexes(durably: true)
                try ProducerSnapshot(offset: endOffset, producers: producers.producers).save(in: directory, disk: disk)
                try ProducerSnapshot.prune(in: directory, disk: disk)
            }
            try saveCheckpoint(
                cleanEnd: .init(
                    segment: active.baseOffset,
                    bytes: active.size,
                    endOffset: endOffset,
                    opening: reservations?.opening
                )
            )
        }
    }

    /// Closes the log without writing anything: its topic is deleted.
    func abandon() {
        maintenance.withLock { _ in state.withLock { $0.isClosed = true } }
        observers.logDeleted()
    }
}

/// The files of one flush.
private struct UnflushedFiles {
    /// Logs, then indexes, then the directory.
    var files: [OpenFile] = []
    /// The base offsets of the sealed segments among them.
    var sealed: Set<Int64> = []
    /// Records before it are on the device afterwards.
    let endOffset: Int64
}

extension LogState {
    /// The files that are not on the device as they are, all of them open: where one cannot be opened nothing is lost,
    /// and the next flush tries again. What is appended and sealed from here on is left to the next one.
    fileprivate mutating func takeUnflushed() throws(FileError) -> UnflushedFiles {
        var work = UnflushedFiles(endOffset: endOffset)
        var indexes: [OpenFile] = []
        for index in segments.indices where segments[index].needsFlush {
            work.files.append(try segments[index].file())
            indexes.append(try disk.open(segments[index].offsetIndexPath))
            indexes.append(try disk.open(segments[index].timeIndexPath))
            work.sealed.insert(segments[index].baseOffset)
        }
        if flushedOffset < endOffset { work.files.append(try active.file()) }
        work.files += indexes
        if directoryNeedsFlush { work.files.append(try disk.open(directory, options: .directory)) }
        directoryNeedsFlush = false
        unflushedSince = nil
        return work
    }
}

/// The state of a ``PartitionLog``, protected by its lock.
struct LogState: Sendable {
    /// The bytes of a batch in front of those that are written as they came: base offset, length, leader epoch.
    static let prefixByteCount = 16
    /// The bound of a log that has no recorded one.
    static let reservedAtFirst = LogLimits.offsetsReserved

    let directory: FilePath
    let disk: Disk
    var configuration: LogConfiguration
    /// In order; the last one is active. Never empty.
    var segments: [LogSegment]
    var logStartOffset: Int64
    var endOffset: Int64
    var producers: ProducerStateManager
    /// No record gets this offset or a greater one until more are reserved: see ``OffsetReservations``.
    var reservedOffset = Self.reservedAtFirst
    /// The log start offset in the checkpoint.
    var notedStartOffset: Int64 = 0
    /// All records before it are on the device.
    var flushedOffset: Int64
    /// When the oldest unflushed record was appended, ms since 1970.
    var unflushedSince: Int64?
    /// Whether segments were made whose names may not be on the device.
    var directoryNeedsFlush = false
    /// The base offsets of batches of earlier versions that were found to be unreadable.
    var damagedOffsets: Set<Int64> = []
    var isClosed = false
    /// The base offset of the first segment in which a read found damage.
    var damagedFrom: Int64?
    /// The damage that the next maintenance reports.
    var damageToReport: String?
    /// Set after a failed flush: what the device holds is unknown until recovery has read it.
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

    /// The appended batch that this one duplicates; `nil` where it is new.
    ///
    /// - Throws: where the log refuses it.
    func duplicate(of header: RecordBatchHeader) throws(LogError) -> AppendOutcome? {
        try requireWritable()
        guard header.totalByteCount <= configuration.messageBytesMax else {
            throw LogError(
                .messageTooLarge,
                "a batch has \(header.totalByteCount) bytes, the topic takes \(configuration.messageBytesMax). Raise "
                    + "max.message.bytes of the topic or lower batch.size of the producer"
            )
        }
        guard case .duplicate(let known) = try producers.check(header) else { return nil }
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
        stored.partitionLeaderEpoch = PartitionLog.leaderEpoch
        try write(batch, stored, now: now)
        producers.record(stored, at: now)
        if unflushedSince == nil { unflushedSince = now }
        endOffset = stored.nextOffset
        return .appended(baseOffset: stored.baseOffset, lastOffset: stored.lastOffset)
    }

    /// Writes the bytes of a batch, the first of them replaced by those of `header`. The rest is not copied: the
    /// request's buffer is shared and stays unchanged.
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

    /// Seals the active segment, which is not empty, and starts the next one. Nothing changes where it fails.
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

/// What the logs of all partitions count together.
private enum LogMetrics {
    private static let flush = Timer(label: "hera_log_flush_seconds")

    /// The device took what a log had appended.
    static func flushed(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        flush.recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
