import CoreMetrics
package import Files
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
///       swap.json  00000000000000000000.log.cleaned      while cleaned segments take their place: see SegmentSwap
///
/// All calls are synchronous, may block on the device, and may come from any thread. Appending holds one lock while it
/// writes; flushing, retention and closing take turns by another one and hold the first only for moments, so that
/// neither readers nor appends wait for the device on their account.
package final class PartitionLog: Sendable {
    /// How long the device takes for a flush, all partitions together.
    private static let flushTime = CoreMetrics.Timer(label: "hera_log_flush_seconds")

    package let directory: FilePath
    private let disk: Disk
    private let reservations: OffsetReservations?
    private let state: Mutex<LogState>
    /// See ``uncheckedBelow``.
    private let unchecked = Atomic<Int64>(0)
    /// See ``leaderEpoch``.
    private let epoch: Atomic<Int32>
    /// See ``appendWork``.
    private let work: Atomic<UInt8>
    /// Told of every append.
    package let observers = AppendObservers()
    /// Held while files are forced to the device, segments deleted or the checkpoint written. Taken before `state`.
    private let maintenance = Mutex(())

    private init(_ state: LogState, _ reservations: OffsetReservations?) {
        directory = state.directory
        disk = state.disk
        work = Atomic(AppendWork(state.configuration).rawValue)
        self.reservations = reservations
        epoch = Atomic(state.epochs.latest)
        self.state = Mutex(state)
    }

    /// Opens the log in `directory`, which is made where it does not exist.
    ///
    /// After a clean close this reads a few small pieces. Otherwise the segments that may not be on the device are read
    /// through, batch by batch with their CRC; indexes and producers are made again; an interrupted write at the end is
    /// cut. Bytes that are damaged are set aside, what is after them is kept, and the offsets between are closed by a
    /// batch without records (`GapBatch`). A log whose end may have been lost goes on at its reserved bound: see
    /// ``OffsetReservations``.
    ///
    /// - Parameters:
    ///   - now: the time by the log's clock; producers found in the log count as active then.
    ///   - reservations: what is known about the log outside its directory.
    ///   - places: where its active segment stays open.
    ///   - isNew: Whether the partition is made now, so that nothing that is known of its name is about it.
    /// - Throws: ``LogError/Code/storageFailed`` where a file cannot be read or written, ``LogError/Code/damaged`` where a
    ///   newer program wrote it.
    package static func open(
        directory: FilePath,
        configuration: LogConfiguration,
        now: Int64,
        calls: DiskCalls = .system,
        reservations: OffsetReservations? = nil,
        places: OpenSegments = OpenSegments(),
        isNew: Bool = false
    ) throws(LogError) -> (log: PartitionLog, report: RecoveryReport) {
        let disk = Disk(calls: calls)
        let name = directory.lastComponent?.string ?? ""
        var opening = LogOpening(
            directory: directory,
            configuration: configuration,
            now: now,
            disk: disk,
            reservedOffset: isNew ? nil : reservations?.bound(of: name),
            requestedStartOffset: isNew ? 0 : reservations?.startOffset(of: name) ?? 0,
            isSameBoot: reservations?.isSameBoot ?? true,
            isLastClosing: { reservations?.isLastClosing($0, of: name) ?? false },
            lastEpoch: reservations?.leaderEpoch,
            isKnown: reservations != nil && !isNew,
            places: places
        )
        var (state, bound) = try LogError.mapping { () throws(FileError) in
            try disk.makeDirectory(directory)
            return try opening.run()
        }
        if let bound, let gap = try state.resume(at: bound, now: now) { opening.report.gaps.append(gap) }
        return (PartitionLog(state, reservations), opening.report)
    }

    /// The offset of the oldest record that is kept.
    package var logStartOffset: Int64 { state.withLock { $0.logStartOffset } }
    /// The offset that the next record will get. There is one node, so it is the high watermark too.
    package var endOffset: Int64 { state.withLock { $0.endOffset } }
    /// The epoch of the records that are appended now; see ``LeaderEpochs``.
    package var leaderEpoch: Int32 { epoch.load(ordering: .relaxed) }
    /// The leader epoch of the record at an offset.
    package func leaderEpoch(at offset: Int64) -> Int32 { state.withLock { $0.epochs.epoch(at: offset) } }
    /// The greatest leader epoch of this log that is not greater than `epoch`, and the offset after its last record; `nil`
    /// where `epoch` has not begun.
    package func end(ofEpoch epoch: Int32) -> (epoch: Int32, endOffset: Int64)? {
        state.withLock { $0.epochs.end(of: epoch, logEnd: $0.endOffset) }
    }
    /// Whether a place that a reader has in a leader epoch is of a log that had this one's name before.
    package func isElsewhere(_ offset: Int64, in epoch: Int32) -> Bool {
        state.withLock { $0.epochs.isElsewhere(offset, in: epoch) }
    }
    /// The opening of the logs in which this one was closed, while nothing has changed since.
    var closing: String? { state.withLock(\.cleanEnd)?.opening }
    /// All records before it are on the device.
    package var flushedOffset: Int64 { state.withLock { $0.flushedOffset } }
    /// The bytes of all batches that are kept.
    package var byteCount: Int { state.withLock { $0.segments.reduce(0) { $0 + $1.size } } }
    /// The number of segments, the active one included.
    package var segmentCount: Int { state.withLock { $0.segments.count } }
    /// The largest id of the idempotent producers that the log remembers; `nil` where it remembers none.
    package var largestProducerID: Int64? { state.withLock { $0.producers.producers.keys.max() } }
    /// The idempotent producers that the log remembers, by id.
    package var producers: [(id: Int64, state: ProducerState)] {
        state.withLock { $0.producers.producers }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
    /// What an append does beside writing.
    package var appendWork: AppendWork { AppendWork(rawValue: work.load(ordering: .relaxed)) }
    /// How the log is kept.
    package var configuration: LogConfiguration { state.withLock { $0.configuration } }

    /// Changes how the log is kept.
    func configure(_ configuration: LogConfiguration) {
        state.withLock { $0.configuration = configuration }
        work.store(AppendWork(configuration).rawValue, ordering: .relaxed)
    }

    // MARK: Appending

    /// Appends one batch in Kafka's format 2, as a producer sent it.
    ///
    /// The log assigns its base offset and leader epoch and keeps its other bytes as they are, unless the settings want
    /// another compression or the log's own timestamps. When this returns, readers see the batch; with
    /// ``FlushPolicy/always`` it is on the device too.
    ///
    /// - Parameters:
    ///   - now: the time by the log's clock; see ``LogClock``.
    ///   - timeOfDay: ms since 1970, for timestamps; `nil` where that clock shows the same. Asked for where one is needed.
    /// - Throws: ``LogError``, with nothing appended: `corruptBatch`, `unsupportedFormat`, `invalidRecord`,
    ///   `invalidTimestamp`, `messageTooLarge`, `outOfOrderSequence`, `invalidProducerEpoch`, `storageFull`, `storageFailed`, `closed`. One
    ///   exception: where forcing the batch to the device failed (`storageFailed`), it is in the log and readers see it;
    ///   whether it is there after a restart is open.
    package func append(
        batch: ByteBuffer,
        now: Int64,
        timeOfDay: @autoclosure () -> Int64? = nil
    ) throws(LogError) -> AppendOutcome {
        var batch = batch
        let work = appendWork
        var header = try BatchCheck.header(of: batch, requiresKeys: work.contains(.requiresKeys))
        if header.attributes.codec != CompressionCodec.none || work.contains(.inspects) {
            // Decompressing takes long, so first what would make it needless, and then without the lock.
            let (known, configuration) = try state.withLock { state throws(LogError) in
                (try state.duplicate(of: header), state.configuration)
            }
            if let known { return timed(known) }
            let intake = BatchIntake(configuration, timeOfDay: timeOfDay() ?? now)
            (batch, header) = try intake.take(batch, header)
        }
        while true {
            let (outcome, isFlushDue) = try state.withLock { state throws(LogError) in
                (try state.append(batch, header, now: now), state.hasTooManyUnflushed)
            }
            guard let outcome else {
                try reserve(for: Int64(header.lastOffsetDelta) + 1)
                continue
            }
            if isFlushDue { try flush(through: outcome.lastOffset + 1) }
            if case .appended = outcome { observers.appended(batch.readableBytes) }
            return timed(outcome)
        }
    }

    /// The outcome with the time that the log gave a batch which came again: it is in the batch.
    private func timed(_ outcome: AppendOutcome) -> AppendOutcome {
        guard case .duplicate(let baseOffset, let lastOffset, _) = outcome, appendWork.contains(.inspects),
            let slice = try? read(from: baseOffset, maxBytes: 1), slice.baseOffset == baseOffset,
            let bytes = try? slice.bytes(at: 0, count: RecordBatchHeader.byteCount),
            let header = try? RecordBatchHeader(bytes), header.attributes.timestampType == .logAppendTime
        else { return outcome }
        return .duplicate(baseOffset: baseOffset, lastOffset: lastOffset, time: header.maxTimestamp)
    }

    // MARK: Offsets ahead

    /// The bound below which offsets may be given.
    package var reservedOffset: Int64 { state.withLock { $0.reservedOffset } }

    /// Where the bound should be now; `nil` while more than half of what is reserved is left.
    var reservationDue: Int64? { state.withLock { $0.reservationDue } }

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
            // A deleted log's directory may be another one's by now.
            try state.withLock { state throws(LogError) in try state.requireOpen() }
            try saveCheckpoint(reservedOffset: bound)
            state.withLock { $0.reserve(through: bound) }
        }
    }

    /// Makes the log go on at its reserved bound where it ends before `offset`, which it is known to have reached.
    ///
    /// - Returns: the offsets that are not given again; `nil` where the log reaches it. An offset beyond the bound proves
    ///   nothing: no record ever had it.
    package func resume(ifBelow offset: Int64, now: Int64) throws(LogError) -> Range<Int64>? {
        try state.withLock { state throws(LogError) in
            guard state.endOffset < offset, offset <= state.reservedOffset else { return nil }
            defer { epoch.store(state.epochs.latest, ordering: .relaxed) }
            return try state.resume(at: state.reservedOffset, now: now)
        }
    }

    // MARK: Reading

    /// Complete batches from the one on that has the record `offset`, together at most `maxBytes`, but at least one batch
    /// however large it is (KIP-74). They are of one segment, so there may be fewer than exist.
    ///
    /// - Returns: `nil` where `offset` is the end of the log: there is nothing yet.
    /// - Throws: ``LogError/Code/offsetOutOfRange``, `closed`, `storageFailed`, `damaged`.
    package func read(from offset: Int64, maxBytes: Int) throws(LogError) -> LogSlice? {
        let view: SegmentView? = try state.withLock { state throws(LogError) in
            try state.view(of: offset, maxBytes: maxBytes)
        }
        guard let view else { return nil }
        let slice = try LogError.mapping { () throws(FileError) in
            try view.slice(from: offset, maxBytes: maxBytes)
        }
        if slice?.baseOffset ?? .max > offset {
            state.withLock { $0.noteDamage(of: view.file.path, segment: view.baseOffset, at: offset) }
        }
        if let slice { return slice }
        // Nothing of the segment is readable from there on.
        return try read(from: state.withLock { $0.nextSegmentOffset(after: view.baseOffset) }, maxBytes: maxBytes)
    }

    /// The segments as they are now, where the log begins, and the largest batch it takes, for searches without the lock.
    func searched() throws(LogError) -> (segments: [LogSegment], start: Int64, messageBytesMax: Int) {
        try state.withLock { state throws(LogError) in
            try state.requireOpen()
            return (state.segments, state.logStartOffset, state.configuration.messageBytesMax)
        }
    }

    /// Compressed batches below it may never have been checked; see ``checked(_:)``.
    package var uncheckedBelow: Int64 { unchecked.load(ordering: .relaxed) }

    /// Sets ``uncheckedBelow``.
    func setUnchecked(below offset: Int64) { unchecked.store(offset, ordering: .relaxed) }

    /// Checks the compressed batches of a slice that begins below ``uncheckedBelow``. May take long.
    ///
    /// - Returns: the slice, or its first part: it ends where enough was checked, and before a batch that cannot be
    ///   read. Where the first batch is one, what is to be sent in its place.
    package func checked(_ slice: LogSlice) throws(LogError) -> CheckedSlice {
        let bounds = LogLimits.decompression(messageBytesMax: configuration.messageBytesMax)
        return try slice.checked(below: uncheckedBelow, bounds) { baseOffset in
            state.withLock { $0.noteUnreadable(baseOffset) }
        }
    }

    // MARK: Flushing and closing

    /// Flushes everything that was appended before the call.
    ///
    /// - Throws: ``LogError/Code/storageFailed``. After a failed flush the log accepts no batches until it is
    ///   opened again: what the device holds is unknown, and a second flush would not reveal it. Where a file could not
    ///   be opened, nothing is lost, and the next flush retries.
    package func flush() throws(LogError) { try flush(through: endOffset) }

    /// Returns when all records before `offset` are on the device. Callers that wait for one another share one flush.
    private func flush(through offset: Int64) throws(LogError) {
        try maintenance.withLock { _ throws(LogError) in
            if state.withLock({ $0.flushedOffset >= offset }) { return }
            try synchronize()
        }
    }

    /// Forces all unflushed segments, and the directory's names, to the device. Call it with ``maintenance`` held.
    ///
    /// - Parameter notesPoint: Whether a recovery point is to be noted then.
    /// - Returns: whether sealed segments were among them, and the point.
    /// - Throws: the earlier failure where there was one. The operating system reports lost pages once: a second try
    ///   would succeed without them.
    @discardableResult
    private func synchronize(notesPoint: Bool = false) throws(LogError) -> (sealed: Bool, point: RecoveryPointDraft?) {
        let work = try state.withLock { state throws(LogError) in try state.takeUnflushed(notesPoint: notesPoint) }
        let began = NIODeadline.now()
        do throws(FileError) {
            for file in work.files { try file.synchronize() }
            if !work.files.isEmpty { Self.flushTime.recordNanoseconds((.now() - began).nanoseconds) }
        } catch {
            let failure = LogError(error)
            state.withLock { $0.flushFailed(failure) }
            throw failure
        }
        state.withLock { $0.flushed(work) }
        return (!work.sealed.isEmpty, work.point)
    }

    /// Writes the checkpoint. Call it with ``maintenance`` held.
    ///
    /// - Parameter reservedOffset: A new bound, to be used when this returns.
    private func saveCheckpoint(
        cleanEnd: PartitionCheckpoint.CleanEnd? = nil,
        reservedOffset: Int64 = 0
    ) throws(LogError) {
        let checkpoint = state.withLock { $0.checkpoint(cleanEnd: cleanEnd, reservedOffset: reservedOffset) }
        try LogError.mapping { () throws(FileError) in try checkpoint.save(in: directory, disk: disk) }
        state.withLock { $0.saved(checkpoint) }
    }

    /// Forces everything to the device and notes that, so that the next opening reads nothing. The log then refuses
    /// all calls with ``LogError/Code/closed``; slices that were read before stay valid. Closing twice does nothing.
    ///
    /// - Returns: the earlier opening in which the log was closed, where nothing has changed since and nothing was noted.
    /// - Throws: ``LogError`` where the device did not take it all. The log is closed nevertheless, and recovers when
    ///   it is opened again.
    @discardableResult
    package func close() throws(LogError) -> String? {
        try maintenance.withLock { _ throws(LogError) in
            // Closed first: what was appended later would not be part of what is noted.
            guard state.withLock({ $0.close() }) else { return nil }
            if let closing { return closing }
            try synchronize()
            // The next opening deletes what cannot be deleted now.
            try? deleteRemoved()
            let (active, endOffset, producers) = state.withLock { ($0.active, $0.endOffset, $0.producers) }
            let point = state.withLock(\.recoveryPointDraft)?.point
            try LogError.mapping { () throws(FileError) in
                try active.saveIndexes(durably: true)
                try ProducerSnapshot(offset: endOffset, producers: producers.producers).save(in: directory, disk: disk)
                try ProducerSnapshot.prune(in: directory, disk: disk)
            }
            // Should the log be opened again and not be closed, recovery reads what came after this.
            if let point { state.withLock { $0.note(point, now: .min) } }
            try saveCheckpoint(
                cleanEnd: .init(
                    segment: active.baseOffset,
                    bytes: active.size,
                    endOffset: endOffset,
                    opening: reservations?.opening
                )
            )
            return nil
        }
    }

    /// Closes the log without writing anything: its topic is deleted.
    func abandon() {
        maintenance.withLock { _ in _ = state.withLock { $0.close() } }
        observers.logDeleted()
    }

    // MARK: Maintenance

    /// Periodic work: rolls an old segment, flushes what is due, expires producers, applies retention. To be called every
    /// second or so, from a thread that may block on the device.
    ///
    /// - Parameter now: the time by the log's clock; see ``LogClock``.
    /// - Throws: where retention cannot be applied. What else failed is in the report.
    @discardableResult
    package func maintain(now: Int64, hold: RetentionHold? = nil) throws(LogError) -> MaintenanceReport {
        var failure: LogError?
        do throws(LogError) {
            try sealAndFlush(now: now)
        } catch {
            // On a full disk this fails, and retention makes room.
            failure = error
        }
        var report = try applyRetention(now: now, hold: hold)
        report.failure = failure
        report.damage = state.withLock { $0.takeDamageToReport() }
            .map { LogError(.damaged, "\($0). Restart the ingestor: it sets the damage aside") }
        return report
    }

    private func sealAndFlush(now: Int64) throws(LogError) {
        let (isFlushDue, isPointDue, isDamaged) = try state.withLock { state throws(LogError) in
            try state.requireOpen()
            try state.sealIfOld(now: now)
            return (state.isFlushDue(now: now), state.isRecoveryPointDue(now: now), state.damageToReport != nil)
        }
        guard isFlushDue || isPointDue || isDamaged else { return }
        try maintenance.withLock { _ throws(LogError) in
            let (hasSealed, point) = try synchronize(notesPoint: isPointDue)
            if hasSealed || point != nil || isDamaged {
                let noted = Result { () throws(LogError) in
                    guard let point else { return }
                    try LogError.mapping { () throws(FileError) in try point.write(in: directory, disk: disk) }
                    state.withLock { $0.note(point.point, now: now) }
                }
                // Also where the point is not noted: what was sealed is not read again, and what is damaged is.
                try saveCheckpoint()
                try LogError.mapping { () throws(FileError) in try ProducerSnapshot.prune(in: directory, disk: disk) }
                try noted.get()
            }
            try deleteRemoved()
        }
    }

    /// Deletes the files of segments that were taken out of the log, where they may go. Call it with ``maintenance`` held.
    private func deleteRemoved() throws(LogError) {
        if state.withLock(\.canDeleteFiles) { try deleteFiles() }
    }

    private func deleteFiles() throws(LogError) {
        let segments = state.withLock { $0.takeRemoved() }
        // The oldest first: a crash in between leaves a log that begins later, without a hole.
        for (index, segment) in segments.enumerated() {
            do throws(FileError) {
                try segment.deleteFiles()
            } catch {
                state.withLock { $0.putBack(segments[index...]) }
                throw LogError(error)
            }
        }
    }

    /// Deletes the oldest segments as `retention.ms` and `retention.bytes` say. Where even the newest records are too
    /// old, all of them go, and the log is empty at the same end offset. Age counts from appending, whatever timestamps
    /// the records have.
    ///
    /// - Parameter now: the time by the log's clock; see ``LogClock``.
    @discardableResult
    package func applyRetention(now: Int64, hold: RetentionHold? = nil) throws(LogError) -> MaintenanceReport {
        var report = try delete(hold) { state throws(LogError) in state.segmentsToDelete(now: now, hold) }
        // The active segment is sealed before it is deleted, which takes a little space: so it comes last.
        let rest = try delete(hold) { state throws(LogError) in
            let (isSealed, isHeld) = try state.sealIfExpired(now: now, hold)
            return isSealed ? state.segmentsToDelete(now: now, hold) : (0, isHeld)
        }
        report.segmentsDeleted += rest.segmentsDeleted
        report.bytesDeleted += rest.bytesDeleted
        report.logStartOffset = rest.logStartOffset
        report.isHeld = report.isHeld || rest.isHeld
        report.recordsDeletedUnread += rest.recordsDeletedUnread
        return report
    }

    /// Deletes all records before `offset`, whatever their age. When this returns the start is on the device: they do not
    /// come back. Whole segments are deleted at once, the rest of a segment with it later.
    ///
    /// - Returns: the offset of the oldest record that is kept now.
    /// - Throws: ``LogError/Code/offsetOutOfRange`` where `offset` is negative or after the end.
    package func deleteRecords(before offset: Int64) throws(LogError) -> Int64 {
        let report = try delete(nil) { state throws(LogError) in (try state.moveStart(to: offset), false) }
        return report.logStartOffset
    }

    /// Takes all records before `offset` out of the log: the first step of ``deleteRecords(before:)`` for many logs, which
    /// share one write of where they begin; see `LogManager`. ``startIsNoted(_:)`` is the second one.
    ///
    /// - Returns: where the log begins now, and whether that is to be noted.
    func moveStart(to offset: Int64) throws(LogError) -> (offset: Int64, isDue: Bool) {
        try maintenance.withLock { _ throws(LogError) in
            try state.withLock { state throws(LogError) in
                try state.requireOpen()
                _ = state.removeSegments(try state.moveStart(to: offset))
                return (state.logStartOffset, state.logStartOffset > state.notedStartOffset)
            }
        }
    }

    /// The start is durable. Deletes the files before it, or leaves them to the next flush while the names of new segments are
    /// not durable.
    func startIsNoted(_ offset: Int64) throws(LogError) {
        try maintenance.withLock { _ throws(LogError) in
            // A deleted log's directory may be another one's by now.
            try state.withLock { state throws(LogError) in
                try state.requireOpen()
                state.noteStart(offset)
            }
            try deleteRemoved()
        }
    }

    /// Removes as many of the oldest segments from the log as `choose` returns, deletes them and records the new start.
    /// `choose` also returns whether the hold keeps more.
    private func delete(
        _ hold: RetentionHold?,
        _ choose: (inout LogState) throws(LogError) -> (count: Int, isHeld: Bool)
    ) throws(LogError) -> MaintenanceReport {
        try maintenance.withLock { _ throws(LogError) in
            let (segments, before, after, isHeld) = try state.withLock { state throws(LogError) in
                try state.requireOpen()
                let before = state.logStartOffset
                let (count, isHeld) = try choose(&state)
                let segments = state.removeSegments(count)
                return (segments, before, state.logStartOffset, isHeld)
            }
            // The new start is noted first, so that a deletion that fails does not bring old records back at the next start.
            // It also brings the names of new segments to the device: one of them may be all that is left.
            // On a full disk that fails, and the deletion is what makes room for it.
            var isNoted = state.withLock(\.canDeleteFiles)
            if !isNoted { do throws(LogError) { try saveCheckpoint(); isNoted = true } catch {} }
            try deleteFiles()
            if !isNoted { try saveCheckpoint() }
            return MaintenanceReport(
                segmentsDeleted: segments.count,
                bytesDeleted: segments.reduce(0) { $0 + $1.size },
                logStartOffset: after,
                isHeld: isHeld,
                recordsDeletedUnread: hold.map { max(0, after - max(before, $0.offset)) } ?? 0
            )
        }
    }
}

/// What ``LogCleaning`` needs of a log.
extension PartitionLog {
    /// What there is to clean; `nil` where nothing is to be done.
    func cleaningNeed(now: Int64) -> CleaningNeed? { state.withLock { $0.cleaningNeed(now: now) } }

    /// What is to be cleaned now; `nil` where nothing is.
    func cleaningPlan(now: Int64) throws(LogError) -> CleaningPlan? {
        try maintenance.withLock { _ throws(LogError) in
            try state.withLock { state throws(LogError) in try state.requireOpen() }
            try LogError.mapping { () throws(FileError) in
                // One that failed in the middle must not be met by the next one.
                guard let swap = try SegmentSwap.load(from: directory, disk: disk) else { return }
                if swap.isDone(in: directory, disk: disk) {
                    try end(swap)
                } else {
                    try swap.undo(in: directory, disk: disk)
                }
            }
            return state.withLock { $0.cleaningPlan(now: now) }
        }
    }

    /// Puts a cleaned segment in the place of those that it was made from: see ``SegmentSwap``. Readers notice nothing.
    ///
    /// - Returns: `false`, with nothing done, where they are not in the log any more.
    func replace(_ group: [LogSegment], by cleaned: LogSegment) throws(LogError) -> Bool {
        try maintenance.withLock { _ throws(LogError) in
            let isThere = try state.withLock { state throws(LogError) in
                try state.requireOpen()
                return state.failure == nil && state.holds(group)
            }
            guard isThere else { return false }
            let swap = SegmentSwap(segments: group.map(\.baseOffset))
            try LogError.mapping { () throws(FileError) in
                try swap.begin(in: directory, disk: disk)
                do throws(FileError) {
                    try state.withLock { state throws(FileError) in try state.replace(group, by: cleaned) }
                } catch {
                    // Where this fails too, the next cleaning or opening finds what to do.
                    try? swap.undo(in: directory, disk: disk)
                    throw error
                }
                try end(swap)
            }
            return true
        }
    }

    /// Completes a swap whose segment has its name. Call it with ``maintenance`` held.
    private func end(_ swap: SegmentSwap) throws(FileError) {
        let segment = state.withLock { state in state.segments.first { $0.baseOffset == swap.segments.first } }
        if let segment, segment.hasIndexesInMemory {
            let saved = try segment.withDurableIndexes()
            state.withLock { $0.update(saved) }
        }
        try swap.end(in: directory, disk: disk)
    }

    /// All records before `offset` are cleaned.
    func noteCleaned(through offset: Int64) throws(LogError) {
        try maintenance.withLock { _ throws(LogError) in
            try state.withLock { state throws(LogError) in
                try state.requireOpen()
                state.noteCleaned(through: offset)
            }
            try saveCheckpoint()
        }
    }
}
