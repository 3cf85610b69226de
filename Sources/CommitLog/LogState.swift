import Files
import KafkaProtocol
import NIOCore
import SystemPackage

/// The state of a ``PartitionLog``, protected by its lock.
struct LogState: Sendable {
    /// The bytes of a batch in front of those that are written as they came: base offset, length, leader epoch.
    private static let prefixByteCount = 16
    /// The bound of a log that has no recorded one.
    static let reservedAtFirst = LogLimits.offsetsReserved

    let directory: FilePath
    let disk: Disk
    var configuration: LogConfiguration
    /// In order; the last one is active. Never empty.
    private(set) var segments: [LogSegment]
    private(set) var logStartOffset: Int64
    private(set) var endOffset: Int64
    private(set) var producers: ProducerStateManager
    private(set) var epochs = LeaderEpochs()
    /// The leader epoch that begins where records may have been lost since the log was last open.
    let nextEpoch: Int32
    /// No record gets this offset or a greater one until more are reserved: see ``OffsetReservations``.
    private(set) var reservedOffset = Self.reservedAtFirst
    /// The log start offset that is on the device.
    private(set) var notedStartOffset: Int64 = 0
    /// All records before it are on the device.
    private(set) var flushedOffset: Int64
    /// The end that the checkpoint has, while nothing has changed since the log was closed.
    private(set) var cleanEnd: PartitionCheckpoint.CleanEnd?
    /// Where segments stay open.
    let places: OpenSegments
    /// Records before it were cleaned: see ``LogCleaning``.
    private(set) var cleanedOffset: Int64 = 0
    /// How much of the active segment recovery need not read; of a segment before it where none was noted since.
    private(set) var recoveryPoint: RecoveryPoint?
    /// When it was noted.
    private(set) var recoveryPointNoted = Int64.min
    /// Segments that were taken out of the log and whose files are still there.
    private(set) var removed: [LogSegment] = []
    /// When the oldest unflushed record was appended, ms since 1970.
    private(set) var unflushedSince: Int64?
    /// Whether segments were made whose names may not be on the device.
    private(set) var directoryNeedsFlush = false
    /// The base offsets of batches of earlier versions that were found to be unreadable.
    private(set) var damagedOffsets: Set<Int64> = []
    private(set) var isClosed = false
    /// The base offset of the first segment in which a read found damage.
    private(set) var damagedFrom: Int64?
    /// The damage that the next maintenance reports.
    private(set) var damageToReport: String?
    /// Set after a failed flush: what the device holds is unknown until recovery has read it.
    private(set) var failure: LogError?

    private(set) var active: LogSegment {
        get { segments[segments.count - 1] }
        _modify { yield &segments[segments.count - 1] }
    }

    private func outOfRange(_ offset: Int64) -> LogError {
        LogError(
            .offsetOutOfRange,
            "\(directory.lastComponent?.string ?? "the log") has the offsets \(logStartOffset)..<\(endOffset), "
                + "not \(offset)"
        )
    }

    func requireOpen() throws(LogError) {
        if isClosed { throw .closed(directory) }
    }

    private func requireWritable() throws(LogError) {
        try requireOpen()
        if let failure {
            throw LogError(
                .storageFailed,
                "the log takes no batches since an earlier failure (\(failure.description)). Check the disk, then "
                    + "restart the ingestor"
            )
        }
    }

    /// No call succeeds from now on.
    ///
    /// - Returns: whether the log was open.
    mutating func close() -> Bool {
        defer { isClosed = true }
        return !isClosed
    }

    // MARK: Appending

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
        cleanEnd = nil
        var stored = header
        stored.baseOffset = endOffset
        stored.partitionLeaderEpoch = epochs.latest
        try write(batch, stored, now: now)
        producers.record(stored, at: now)
        if unflushedSince == nil { unflushedSince = now }
        endOffset = stored.nextOffset
        let time = stored.attributes.timestampType == .logAppendTime ? stored.maxTimestamp : nil
        return .appended(baseOffset: stored.baseOffset, lastOffset: stored.lastOffset, time: time)
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
                indexIntervalBytes: configuration.indexIntervalBytes,
                places
            )
        } catch {
            throw LogError(error)
        }
    }

    /// Seals the active segment, which is not empty, and starts the next one. Nothing changes where it fails.
    private mutating func roll() throws(LogError) {
        precondition(active.size > 0, "an empty segment is sealed: the next one would have its name, \(active.logPath)")
        cleanEnd = nil
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

    // MARK: Offsets ahead

    /// Where the bound should be now; `nil` while more than half of what is reserved is left.
    var reservationDue: Int64? {
        if isClosed || reservedOffset - endOffset > LogLimits.offsetsReserved / 2 { return nil }
        return endOffset + LogLimits.offsetsReserved
    }

    /// Raises the bound.
    mutating func reserve(through bound: Int64) { reservedOffset = max(reservedOffset, bound) }

    /// Records before this point may be gone that readers have seen: what follows is of another leader epoch, once for each
    /// time that the log is opened.
    mutating func beginEpoch() { epochs.begin(nextEpoch, at: endOffset) }

    /// Closes the offsets up to `bound` by batches without records, so that the next record gets `bound`.
    ///
    /// - Returns: these offsets; `nil` where the log reaches it.
    mutating func resume(at bound: Int64, now: Int64) throws(LogError) -> Range<Int64>? {
        guard endOffset < bound else { return nil }
        beginEpoch()
        let gap = endOffset..<bound
        cleanEnd = nil
        while endOffset < bound {
            if active.size > 0, endOffset - active.baseOffset > Int64(Int32.max) { try roll() }
            let room = GapBatch.offsetsMax - (endOffset - active.baseOffset)
            let offsets = endOffset..<min(bound, endOffset + room)
            try LogError.mapping { () throws(FileError) in
                try active.append(
                    gap: offsets,
                    leaderEpoch: epochs.latest,
                    now: now,
                    indexIntervalBytes: configuration.indexIntervalBytes,
                    places
                )
            }
            endOffset = offsets.upperBound
        }
        unflushedSince = unflushedSince ?? now
        producers.expectLoss()
        return gap
    }

    // MARK: Flushing

    /// The files of one flush.
    struct UnflushedFiles {
        /// Logs, then indexes, then the directory.
        fileprivate(set) var files: [OpenFile] = []
        /// The base offsets of the sealed segments among them.
        fileprivate(set) var sealed: Set<Int64> = []
        /// Records before it are on the device afterwards.
        fileprivate let endOffset: Int64
        /// The recovery point that can be noted afterwards, where one is wanted.
        fileprivate(set) var point: RecoveryPointDraft?
    }

    /// The files that are not on the device as they are, all of them open: where one cannot be opened nothing is lost,
    /// and the next flush tries again. What is appended and sealed from here on is left to the next one.
    ///
    /// - Parameter notesPoint: Whether a recovery point is to be noted at the end.
    mutating func takeUnflushed(notesPoint: Bool = false) throws(LogError) -> UnflushedFiles {
        if let failure { throw failure }
        var work = UnflushedFiles(endOffset: endOffset, point: notesPoint ? recoveryPointDraft : nil)
        try LogError.mapping { () throws(FileError) in
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
        }
        directoryNeedsFlush = false
        unflushedSince = nil
        return work
    }

    /// These files are on the device.
    mutating func flushed(_ work: UnflushedFiles) {
        flushedOffset = max(flushedOffset, work.endOffset)
        for index in segments.indices where work.sealed.contains(segments[index].baseOffset) {
            segments[index].needsFlush = false
        }
    }

    /// Whether enough was appended for another recovery point, and long enough ago.
    func isRecoveryPointDue(now: Int64) -> Bool {
        guard failure == nil, damagedFrom == nil, let began = active.firstAppend else { return false }
        let noted = recoveryPoint.flatMap { $0.segment == active.baseOffset ? $0.bytes : nil } ?? 0
        let bytesMin = max(
            configuration.recoveryPointBytes,
            producers.producers.count * LogLimits.recoveryPointBytesPerProducer
        )
        return active.size - noted >= bytesMin
            && now - max(began, recoveryPointNoted) >= configuration.recoveryPointMilliseconds
    }

    /// The recovery point at the end of the log; `nil` where the active segment is empty.
    var recoveryPointDraft: RecoveryPointDraft? {
        guard active.size > 0 else { return nil }
        return RecoveryPointDraft(
            of: active,
            endOffset: endOffset,
            producers: producers.producers,
            after: recoveryPoint
        )
    }

    /// What the point says is on the device: the next checkpoint has it.
    mutating func note(_ point: RecoveryPoint, now: Int64) { (recoveryPoint, recoveryPointNoted) = (point, now) }

    /// The device did not take what was to be flushed: no batch is accepted from now on.
    mutating func flushFailed(_ error: LogError) { failure = error }

    /// What the checkpoint says now.
    ///
    /// - Parameter bound: A bound that is to be used once the checkpoint is saved.
    func checkpoint(cleanEnd: PartitionCheckpoint.CleanEnd?, reservedOffset bound: Int64) -> PartitionCheckpoint {
        let unflushed = segments.first { $0.needsFlush || $0.isActive }
        return PartitionCheckpoint(
            logStartOffset: logStartOffset,
            recoveryOffset: min(unflushed?.baseOffset ?? endOffset, damagedFrom ?? .max),
            flushedOffset: flushedOffset,
            reservedOffset: max(reservedOffset, bound),
            cleanedOffset: cleanedOffset > 0 ? cleanedOffset : nil,
            cleanEnd: damagedFrom == nil ? cleanEnd : nil,
            leaderEpochs: epochs,
            recoveryPoint: damagedFrom == nil && recoveryPoint?.segment == active.baseOffset ? recoveryPoint : nil
        )
    }

    /// This checkpoint is saved.
    mutating func saved(_ checkpoint: PartitionCheckpoint) {
        noteStart(checkpoint.logStartOffset)
        cleanEnd = nil
    }

    /// This start of the log is on the device.
    mutating func noteStart(_ offset: Int64) { notedStartOffset = max(notedStartOffset, offset) }

    // MARK: Maintenance

    /// Expires producers, seals the active segment where it is old, and closes files that are idle.
    mutating func sealIfOld(now: Int64) throws(LogError) {
        for index in segments.indices where segments[index].isKeptOpen {
            segments[index].closeIfUnused(since: now - LogLimits.openSegmentMilliseconds)
        }
        producers.expire(inactiveSince: now - configuration.producerExpirationMilliseconds)
        if failure == nil, active.isOld(now: now, configuration) { try roll() }
    }

    /// Whether bytes have to go to the device now. Sealed segments always have, so that recovery need not read them.
    func isFlushDue(now: Int64) -> Bool {
        if failure != nil { return false }
        if segments.contains(where: \.needsFlush) || directoryNeedsFlush { return true }
        guard flushedOffset < endOffset else { return false }
        // Where there are too many records, the append's own flush is in progress, or failed to open a file.
        return hasTooManyUnflushed || now - (unflushedSince ?? 0) >= configuration.flushMilliseconds
    }

    /// Whether so many records are not on the device that the next append must not be acknowledged before they are.
    var hasTooManyUnflushed: Bool { endOffset - flushedOffset >= configuration.flushMessages }

    /// Seals the active segment where even its newest records are too old, so that it can be deleted.
    ///
    /// - Returns: whether it is sealed now; and whether `hold` keeps it.
    mutating func sealIfExpired(now: Int64, _ hold: RetentionHold?) throws(LogError) -> (isSealed: Bool, isHeld: Bool) {
        guard failure == nil, let limit = configuration.deletion.milliseconds,
            let age = active.age(now: now), age > limit
        else { return (false, false) }
        if isHeld(age: age, endOffset: endOffset, hold) { return (false, true) }
        try roll()
        return (true, false)
    }

    /// How many of the oldest segments retention does not keep, never the active one; and whether `hold` keeps more.
    func segmentsToDelete(now: Int64, _ hold: RetentionHold?) -> (count: Int, isHeld: Bool) {
        var bytes = segments.reduce(0) { $0 + $1.size }
        var count = 0
        let limits = configuration.deletion
        for (segment, next) in zip(segments, segments.dropFirst()) {
            if next.baseOffset > logStartOffset {
                let age = segment.age(now: now) ?? .max
                let isTooOld = limits.milliseconds.map { age > $0 } ?? false
                let isTooMuch = limits.bytes.map { bytes - segment.size >= $0 } ?? false
                guard isTooOld || isTooMuch else { break }
                if isHeld(age: age, endOffset: next.baseOffset, hold) { return (count, true) }
            }
            bytes -= segment.size
            count += 1
        }
        return (count, false)
    }

    /// Whether `hold` keeps a segment of this age that ends at this offset.
    private func isHeld(age: Int64, endOffset: Int64, _ hold: RetentionHold?) -> Bool {
        guard let hold, endOffset > hold.offset else { return false }
        let limit = (configuration.deletion.milliseconds ?? 0).addingReportingOverflow(hold.milliseconds)
        return limit.overflow || age <= limit.partialValue
    }

    /// Makes the log begin at `offset` where it begins before.
    ///
    /// - Returns: how many of the oldest segments have no records any more, never the active one, which is sealed where it
    ///   has none.
    mutating func moveStart(to offset: Int64) throws(LogError) -> Int {
        guard 0...endOffset ~= offset else { throw outOfRange(offset) }
        if offset > logStartOffset { (logStartOffset, cleanEnd) = (offset, nil) }
        if failure == nil, active.size > 0, logStartOffset == endOffset {
            // Where there is no space for the next segment, nothing is lost: the records are out of reach.
            do throws(LogError) { try roll() } catch {}
        }
        return segments.dropFirst().prefix { $0.baseOffset <= logStartOffset }.count
    }

    /// Takes the oldest segments out of the log, never the active one. Their files are to be deleted: see ``takeRemoved()``.
    mutating func removeSegments(_ count: Int) -> [LogSegment] {
        guard count > 0 else { return [] }
        let oldest = Array(segments.prefix(count))
        segments.removeFirst(count)
        logStartOffset = max(logStartOffset, segments[0].baseOffset)
        epochs.trim(before: logStartOffset)
        cleanEnd = nil
        removed += oldest
        return oldest
    }

    /// Whether the files of segments that were taken out of the log may go: its start is on the device, so that they do not
    /// come back, and the names of new segments are, one of which may be all that is left.
    var canDeleteFiles: Bool { logStartOffset == notedStartOffset && (removed.isEmpty || !directoryNeedsFlush) }

    /// The segments that were taken out of the log; their files are the caller's from now on.
    mutating func takeRemoved() -> [LogSegment] {
        defer { removed = [] }
        return removed
    }

    /// These files could not be deleted, and are to be later.
    mutating func putBack(_ segments: ArraySlice<LogSegment>) { removed = segments + removed }

    // MARK: Cleaning

    /// Gives a cleaned segment its name, and puts it in the place of those that it was made from, which must be there: see
    /// ``holds(_:)``.
    mutating func replace(_ group: [LogSegment], by cleaned: LogSegment) throws(FileError) {
        guard let index = segments.firstIndex(where: { $0.baseOffset == cleaned.baseOffset }) else { return }
        // First, as readers without the lock look at the files.
        for segment in group { segment.setReplaced(true) }
        do throws(FileError) {
            try cleaned.takeName()
        } catch {
            for segment in group { segment.setReplaced(false) }
            throw error
        }
        segments.replaceSubrange(index..<(index + group.count), with: [cleaned])
    }

    /// Puts a sealed segment in the place of what it was, where it is still there.
    mutating func update(_ segment: LogSegment) {
        guard holds([segment]), let index = segments.firstIndex(where: { $0.baseOffset == segment.baseOffset }) else {
            return
        }
        segments[index] = segment
    }

    /// Whether these segments, which follow one another, are in the log and sealed.
    func holds(_ group: [LogSegment]) -> Bool {
        let offsets = group.map(\.baseOffset)
        guard let first = offsets.first, let index = segments.firstIndex(where: { $0.baseOffset == first }) else {
            return false
        }
        return segments[index...].dropLast().prefix(group.count).map(\.baseOffset) == offsets
    }

    /// All records before `offset` are cleaned.
    mutating func noteCleaned(through offset: Int64) { cleanedOffset = max(cleanedOffset, offset) }

    // MARK: Reading

    /// What a read from `offset` needs of the log; `nil` at its end.
    mutating func view(of offset: Int64, maxBytes: Int) throws(LogError) -> SegmentView? {
        try requireOpen()
        guard offset >= logStartOffset, offset <= endOffset else {
            throw outOfRange(offset)
        }
        guard offset < endOffset else { return nil }
        let index = segments.lastIndex { $0.baseOffset <= offset } ?? 0
        return try LogError.mapping { () throws(FileError) in
            try SegmentView(
                of: &segments[index],
                for: offset,
                maxBytes: maxBytes,
                leaderEpoch: epochs.latest,
                places
            )
        }
    }

    /// Where the segment after this one begins; the end of the log where it is the last.
    func nextSegmentOffset(after baseOffset: Int64) -> Int64 {
        segments.first { $0.baseOffset > baseOffset }?.baseOffset ?? endOffset
    }

    /// A read found damage. The next opening reads the segment and repairs it, however the log is closed; the next
    /// maintenance reports it.
    mutating func noteDamage(of path: FilePath, segment baseOffset: Int64, at offset: Int64) {
        if damagedFrom == nil {
            damageToReport = "\(path) is damaged at offset \(offset); reads continue after it"
        }
        damagedFrom = min(damagedFrom ?? .max, baseOffset)
        cleanEnd = nil
    }

    /// The damage that was not reported yet.
    mutating func takeDamageToReport() -> String? {
        defer { damageToReport = nil }
        return damageToReport
    }

    /// A batch of an earlier version is unreadable.
    ///
    /// - Returns: whether that was not known, and few enough are.
    mutating func noteUnreadable(_ baseOffset: Int64) -> Bool {
        guard damagedOffsets.count < LogLimits.damagedBatchesMax else { return false }
        return damagedOffsets.insert(baseOffset).inserted
    }
}

/// What a log's maintenance has done and found.
package struct MaintenanceReport: Sendable {
    package internal(set) var segmentsDeleted = 0
    package internal(set) var bytesDeleted = 0
    /// The offset of the oldest record that is kept now.
    package internal(set) var logStartOffset: Int64
    /// Whether expired records are kept because of a ``RetentionHold``.
    package internal(set) var isHeld = false
    /// Held records that were deleted because the bound of the ``RetentionHold`` had passed.
    package internal(set) var recordsDeletedUnread: Int64 = 0
    /// The damage that a read found, reported once.
    package internal(set) var damage: LogError?
    /// Why something beside retention could not be done; the next call tries it again.
    package internal(set) var failure: LogError?
}

/// Keeps records beyond their retention for a reader that has not reached them.
package struct RetentionHold: Hashable, Sendable {
    /// Records from this offset on are kept.
    package let offset: Int64
    /// How long after their retention; then they are deleted nevertheless.
    package let milliseconds: Int64

    package init(offset: Int64, milliseconds: Int64) {
        self.offset = offset
        self.milliseconds = milliseconds
    }
}
