import Files
import KafkaProtocol
import NIOCore
import Synchronization
import SystemPackage

/// A segment of a partition's log: three files named by the offset of its first record.
///
///     00000000000000004711.log        record batches, one after the other, as they came from their producers, but
///                                     for the base offset and the leader epoch that the log wrote into them
///     00000000000000004711.index      OffsetIndexEntry …   } of a sealed segment, or after a clean close; they can
///     00000000000000004711.timeindex  TimeIndexEntry …     } be made again from the log
///
/// The last segment of a log is active: batches are appended to it and its indexes are in memory. A crash can leave
/// part of a batch at its end, which recovery truncates. Sealed segments never change; they are deleted, or replaced by one
/// with fewer records (``SegmentSwap``).
struct LogSegment: Sendable {
    static let logExtension = "log"
    static let offsetIndexExtension = "index"
    static let timeIndexExtension = "timeindex"
    static let indexExtensions = [offsetIndexExtension, timeIndexExtension]
    /// A log that cleaning writes and that has not taken the place of others yet.
    static let cleanedExtension = "log.cleaned"
    /// What earlier programs renamed logs after a damaged place to; a number may follow.
    static let setAsideExtension = "log.set-aside"

    let directory: FilePath
    private let disk: Disk
    /// The offset of the first record, or of the one that will be it.
    let baseOffset: Int64
    /// The bytes of all complete batches; what is after them in the file does not exist for readers.
    private(set) var size = 0
    private(set) var offsetIndex = SparseIndex<OffsetIndexEntry>.empty
    private(set) var timeIndex = SparseIndex<TimeIndexEntry>.empty
    /// When its first and its last batch were appended, by the log's clock (`LogClock`); for a segment found on disk,
    /// the file's time: a segment that is sealed or closed cleanly sets it to that of its last batch.
    private(set) var firstAppend: Int64?
    private(set) var lastAppend: Int64?
    /// Whether it was sealed and not forced to the device since.
    var needsFlush = false

    private var greatestTimestamp: Int64 = -1
    private var greatestTimestampOffset: UInt32 = 0
    private var bytesSinceEntry = 0
    /// Whether it is appended to.
    private(set) var isActive = false
    /// The file, where it stays open: an active segment was appended to lately, or it is read again and again.
    private var kept: OpenSegment?
    /// Whether it was read since ``closeIfUnused(since:)``.
    private var wasRead = false
    /// Open only while there are readers, so that old segments hold no descriptors.
    private weak var reader: OpenFile?
    /// Shared by all copies, so that a reader without the lock learns that the files are those of another segment.
    private let replacement = Replacement()

    private final class Replacement: Sendable {
        let isDone = Atomic(false)
    }

    var logPath: FilePath { path(Self.logExtension) }
    var offsetIndexPath: FilePath { path(Self.offsetIndexExtension) }
    var timeIndexPath: FilePath { path(Self.timeIndexExtension) }

    private func path(_ fileExtension: String) -> FilePath {
        directory.appending(LogFileName(baseOffset, fileExtension).text)
    }

    private init(directory: FilePath, baseOffset: Int64, disk: Disk) {
        self.directory = directory
        self.disk = disk
        self.baseOffset = baseOffset
    }

    /// A new and empty active segment. A file of that name is what a failed attempt left: it is emptied.
    static func create(in directory: FilePath, baseOffset: Int64, disk: Disk) throws(FileError) -> LogSegment {
        var segment = LogSegment(directory: directory, baseOffset: baseOffset, disk: disk)
        segment.isActive = true
        // Closed at once: many partitions never get a record.
        _ = try disk.open(segment.logPath, .readWrite, options: [.create, .truncate])
        return segment
    }

    /// A sealed segment that is on disk, with the indexes that are there.
    ///
    /// - Returns: the segment, and whether both its indexes were there.
    static func sealed(in directory: FilePath, baseOffset: Int64, disk: Disk) throws(FileError) -> (
        LogSegment, hasIndexes: Bool
    ) {
        var segment = LogSegment(directory: directory, baseOffset: baseOffset, disk: disk)
        let file = try disk.open(segment.logPath)
        segment.size = try file.size()
        if segment.size > 0 { segment.noteAppends(at: try file.modificationMilliseconds()) }
        guard let offsets = try SparseIndex<OffsetIndexEntry>.opening(segment.offsetIndexPath, disk: disk),
            let times = try SparseIndex<TimeIndexEntry>.opening(segment.timeIndexPath, disk: disk)
        else { return (segment, false) }
        segment.offsetIndex = offsets
        segment.timeIndex = times
        return (segment, true)
    }

    /// How long ago its last batch was appended, in ms; `nil` where it has none: an empty segment is not sealed or
    /// deleted for its age.
    ///
    /// Kafka counts from the greatest timestamp of the records. A producer of last month's events, or of seconds instead of
    /// milliseconds, would lose them at once.
    func age(now: Int64) -> Int64? { lastAppend.map { max(0, now - $0) } }

    /// For a segment found on disk: its batches were appended before `now`, whatever its file's time.
    ///
    /// - Parameter isExact: Whether the file's time is that of the last batch. Else the age starts from 0, as the
    ///   operating system's clock may have been set meanwhile.
    mutating func noteAppends(before now: Int64, isExact: Bool) {
        firstAppend = firstAppend.map { isExact ? min($0, now) : now }
        lastAppend = lastAppend.map { isExact ? min($0, now) : now }
    }

    private mutating func noteAppends(at milliseconds: Int64) {
        if firstAppend == nil { firstAppend = milliseconds }
        lastAppend = milliseconds
    }

    // MARK: Appending

    /// Whether a batch must go to a new segment. `mutating` although nothing changes: it is called for each append, and would
    /// be called on a copy, which takes a dozen references.
    mutating func isFull(
        for header: RecordBatchHeader,
        endOffset: Int64,
        now: Int64,
        _ configuration: LogConfiguration
    ) -> Bool {
        guard size > 0 else { return false }
        if size + header.totalByteCount > configuration.segmentBytes { return true }
        if endOffset + Int64(header.lastOffsetDelta) - baseOffset > Int64(Int32.max) { return true }
        return isOld(now: now, configuration)
    }

    /// Whether its first batch was appended as long ago as `segment.ms` says, less its share of `segment.jitter.ms`, or as
    /// `retention.ms` or `max.compaction.lag.ms`: a segment that is appended to all the time would keep its first records
    /// for long after their time.
    func isOld(now: Int64, _ configuration: LogConfiguration) -> Bool {
        guard let firstAppend else { return false }
        let (age, limit) = (now - firstAppend, configuration.segmentMilliseconds)
        if age >= min(limit, configuration.deletion.milliseconds ?? .max) { return true }
        if configuration.isCompacted, age >= configuration.compactionLagMaxMilliseconds { return true }
        let jitter = min(configuration.segmentJitterMilliseconds, limit)
        return jitter > 0 && age >= limit - jitter && age >= limit - share(of: jitter)
    }

    /// A number below `bound` that is always the same for one segment and differs between segments, so that those which
    /// began together are not sealed together: FNV-1a of the path.
    private func share(of bound: Int64) -> Int64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in logPath.string.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return Int64(hash % UInt64(bound))
    }

    /// Writes a batch whose header is `header`: the bytes `prefix`, then `rest`.
    ///
    /// - Parameter places: Where the file stays open.
    mutating func append(
        _ header: RecordBatchHeader,
        prefix: RawSpan,
        rest: RawSpan,
        now: Int64,
        indexIntervalBytes: Int,
        _ places: OpenSegments
    ) throws(FileError) {
        precondition(isActive, "a batch for the sealed segment \(logPath)")
        try openForWriting(places).write(prefix, rest, at: size)
        note(StoredBatch(header: header, position: size), indexIntervalBytes: indexIntervalBytes)
        noteAppends(at: now)
    }

    private mutating func openForWriting(_ places: OpenSegments) throws(FileError) -> OpenFile {
        if let kept { return kept.file }
        let file = try disk.open(logPath, .readWrite)
        kept = places.place(for: file)
        return file
    }

    /// Whether the file stays open.
    var isKeptOpen: Bool { kept != nil }

    /// Closes the file where it was not appended to since `time` and not read since the last call; the next append or read
    /// opens it again. What the device did not take meanwhile is reported to who forces it there, as long as the kernel has
    /// the file in its cache.
    mutating func closeIfUnused(since time: Int64) {
        if !wasRead, lastAppend ?? .min <= time { kept = nil }
        wasRead = false
    }

    /// Writes a batch without records for these offsets.
    mutating func append(
        gap offsets: Range<Int64>,
        leaderEpoch: Int32,
        now: Int64,
        indexIntervalBytes: Int,
        _ places: OpenSegments
    ) throws(FileError) {
        let batch = GapBatch.afterLoss(offsets, leaderEpoch: leaderEpoch)
        guard let header = try? RecordBatchHeader(batch) else {
            preconditionFailure("the gap batch for \(offsets) has no valid header")
        }
        try append(
            header,
            prefix: batch.readableBytesSpan,
            rest: RawSpan(),
            now: now,
            indexIntervalBytes: indexIntervalBytes,
            places
        )
    }

    /// Takes a batch that is in the file after all noted ones into the size and the indexes.
    private mutating func note(_ batch: StoredBatch, indexIntervalBytes: Int) {
        precondition(batch.position == size, "batch at \(batch.position) behind \(size) bytes of \(logPath)")
        let relativeOffset = UInt32(batch.header.baseOffset - baseOffset)
        if batch.header.maxTimestamp > greatestTimestamp {
            greatestTimestamp = batch.header.maxTimestamp
            greatestTimestampOffset = relativeOffset
        }
        if bytesSinceEntry >= indexIntervalBytes {
            offsetIndex.append(OffsetIndexEntry(relativeOffset: relativeOffset, position: UInt32(size)))
            appendTimeEntry()
            bytesSinceEntry = 0
        }
        bytesSinceEntry += batch.header.totalByteCount
        size = batch.end
    }

    private var lastTimeEntry: TimeIndexEntry? {
        guard case .memory(let entries) = timeIndex else { return nil }
        return entries.last
    }

    private mutating func appendTimeEntry() {
        guard greatestTimestamp > lastTimeEntry?.timestamp ?? -1 else { return }
        timeIndex.append(TimeIndexEntry(timestamp: greatestTimestamp, relativeOffset: greatestTimestampOffset))
    }

    // MARK: Sealing and opening again

    /// The same segment, sealed: its indexes written to their files.
    func sealed() throws(FileError) -> LogSegment {
        var sealed = try withSavedIndexes(durably: false)
        let file = try sealed.file()
        if let lastAppend { try file.setModification(milliseconds: lastAppend) }
        sealed.reader = file
        sealed.isActive = false
        sealed.kept = nil
        sealed.needsFlush = true
        return sealed
    }

    /// Writes the indexes as they are now to their files, and to the log when it was last appended to.
    func saveIndexes(durably: Bool) throws(FileError) {
        var saved = try withSavedIndexes(durably: durably)
        if let lastAppend { try saved.file().setModification(milliseconds: lastAppend) }
    }

    private func withSavedIndexes(durably: Bool) throws(FileError) -> LogSegment {
        var saved = self
        saved.appendTimeEntry()
        saved.offsetIndex = try saved.offsetIndex.saved(to: offsetIndexPath, durably: durably, disk: disk)
        saved.timeIndex = try saved.timeIndex.saved(to: timeIndexPath, durably: durably, disk: disk)
        return saved
    }

    /// The same segment, active again, with its indexes in memory.
    func activated() throws(FileError) -> LogSegment {
        var active = self
        active.offsetIndex = try offsetIndex.inMemory()
        active.timeIndex = try timeIndex.inMemory()
        if case .file = timeIndex, let last = try timeIndex.last() {
            active.greatestTimestamp = last.timestamp
            active.greatestTimestampOffset = last.relativeOffset
        }
        active.bytesSinceEntry = size - Int(try offsetIndex.last()?.position ?? 0)
        active.isActive = true
        return active
    }

    /// Rebuilds size and indexes from the file, whose batches are known to be whole and in order.
    ///
    /// - Parameter end: Where they end; what is after does not exist for readers.
    /// - Returns: the offset after the last batch.
    mutating func rebuild(to end: Int, indexIntervalBytes: Int) throws(FileError) -> Int64 {
        (firstAppend, lastAppend) = (nil, nil)
        size = 0
        offsetIndex = .empty
        timeIndex = .empty
        greatestTimestamp = -1
        bytesSinceEntry = 0
        return try extend(to: end, from: baseOffset, indexIntervalBytes: indexIntervalBytes)
    }

    /// The same for a segment whose size and indexes are those of its part before `nextOffset`.
    mutating func extend(to end: Int, from nextOffset: Int64, indexIntervalBytes: Int) throws(FileError) -> Int64 {
        let file = try file()
        var scanner = BatchScanner(file, from: size, to: end, verifies: false, readBytes: LogLimits.headerReadBytes)
        let time = try file.modificationMilliseconds()
        var nextOffset = nextOffset
        while let batch = try scanner.next() {
            guard batch.header.baseOffset == nextOffset else {
                throw .damagedLog(logPath, "offset \(batch.header.baseOffset) stands where \(nextOffset) follows")
            }
            note(batch, indexIntervalBytes: indexIntervalBytes)
            noteAppends(at: time)
            nextOffset = batch.header.nextOffset
        }
        if let problem = scanner.problem { throw .damagedLog(logPath, problem.description) }
        return nextOffset
    }

    /// The segment up to a recovery point, with its indexes in memory; `nil` where its files are not as they were there. It
    /// costs its indexes and the few batches after their last entry.
    func resumed(at point: RecoveryPoint) throws(FileError) -> LogSegment? {
        guard point.segment == baseOffset, point.bytes <= size,
            let offsets = try SparseIndex<OffsetIndexEntry>.opening(offsetIndexPath, first: point.offsets, disk: disk),
            let times = try SparseIndex<TimeIndexEntry>.opening(timeIndexPath, first: point.times, disk: disk)
        else { return nil }
        var resumed = self
        (resumed.offsetIndex, resumed.timeIndex) = (offsets, times)
        if let last = try times.last() {
            resumed.greatestTimestamp = last.timestamp
            resumed.greatestTimestampOffset = last.relativeOffset
        }
        let entry = try offsets.last()
        resumed.size = Int(entry?.position ?? 0)
        var expected = baseOffset + Int64(entry?.relativeOffset ?? 0)
        var scanner = BatchScanner(lookingUpIn: try resumed.file(), from: resumed.size, to: point.bytes)
        while let batch = try scanner.next() {
            guard batch.header.baseOffset == expected, expected < point.endOffset else { return nil }
            // None of these had an entry, but for the first one, which has it.
            resumed.note(batch, indexIntervalBytes: .max)
            expected = batch.header.nextOffset
        }
        guard scanner.problem == nil, resumed.size == point.bytes, expected == point.endOffset else { return nil }
        return resumed
    }

    /// Forgets the open file: it was replaced.
    mutating func reopen() { (kept, reader) = (nil, nil) }

    /// Truncates the file after its complete batches.
    func cut() throws(FileError) {
        let file = try disk.open(logPath, .readWrite)
        try file.truncate(to: size)
        try file.synchronize()
    }

    // MARK: Reading

    /// The open file.
    mutating func file() throws(FileError) -> OpenFile {
        if let file = kept?.file ?? reader { return file }
        let file = try disk.open(logPath)
        reader = file
        return file
    }

    /// The open file, for a read that others will follow: it stays open where there is a place for it.
    mutating func file(keptIn places: OpenSegments) throws(FileError) -> OpenFile {
        wasRead = true
        if let kept { return kept.file }
        guard places.hasPlaceForReading else { return try file() }
        // An append finds it here.
        let file = try isActive ? disk.open(logPath, .readWrite) : file()
        kept = places.place(for: file)
        reader = file
        return file
    }

    /// The greatest timestamp of its records, ms since 1970; -1 where none has one.
    func largestTimestamp() throws(FileError) -> Int64 {
        isActive ? greatestTimestamp : try timeIndex.last()?.timestamp ?? -1
    }

    /// The same of the batches that have records from `start` on; `nil` where there are none. Only a segment in which the
    /// log begins is read for it.
    func largestTimestamp(from start: Int64) throws(FileError) -> Int64? {
        if start <= baseOffset { return try largestTimestamp() }
        var segment = self
        var scanner = BatchScanner(
            try segment.file(),
            from: try position(notAfter: start),
            to: size,
            verifies: false,
            readBytes: LogLimits.headerReadBytes
        )
        var largest: Int64?
        while let batch = try scanner.next() {
            if batch.header.lastOffset >= start { largest = max(largest ?? .min, batch.header.maxTimestamp) }
        }
        return largest
    }

    /// Whether its files were deleted: retention may be faster than a reader without the lock.
    var isGone: Bool { !disk.exists(logPath) }

    /// Whether a cleaned segment took its place: what its files hold now is not what this value says.
    var isReplaced: Bool { replacement.isDone.load(ordering: .sequentiallyConsistent) }

    func setReplaced(_ isReplaced: Bool) {
        replacement.isDone.store(isReplaced, ordering: .sequentiallyConsistent)
    }

    /// Deletes the files. Readers that have the log open still read it.
    func deleteFiles() throws(FileError) {
        // The log first: a segment is what has a log, and indexes without one are removed when the log is opened.
        try disk.remove(logPath)
        try disk.remove(offsetIndexPath)
        try disk.remove(timeIndexPath)
    }
}

/// Cleaning; see ``SegmentSwap``.
extension LogSegment {
    private var cleanedPath: FilePath { path(Self.cleanedExtension) }

    /// A new segment for cleaned batches, and the file for them, which does not have its name yet.
    static func cleaned(in directory: FilePath, baseOffset: Int64, disk: Disk) throws(FileError) -> (
        LogSegment, OpenFile
    ) {
        let segment = LogSegment(directory: directory, baseOffset: baseOffset, disk: disk)
        return (segment, try disk.open(segment.cleanedPath, .readWrite, options: [.create, .truncate]))
    }

    /// Takes a batch that was written to that file into the size and the indexes.
    mutating func noteCleaned(_ header: RecordBatchHeader, indexIntervalBytes: Int) {
        note(StoredBatch(header: header, position: size), indexIntervalBytes: indexIntervalBytes)
    }

    /// Ends the writing of a cleaned segment; its indexes are in memory.
    mutating func sealCleaned(firstAppend: Int64?, lastAppend: Int64?) {
        (self.firstAppend, self.lastAppend) = (firstAppend, lastAppend)
        appendTimeEntry()
    }

    /// Gives a cleaned segment's log its name.
    func takeName() throws(FileError) { try disk.rename(cleanedPath, to: logPath) }

    /// Whether the indexes are not in their files: those of a cleaned segment, and of the active one.
    var hasIndexesInMemory: Bool { if case .memory = offsetIndex { true } else { false } }

    /// The cleaned segment with its indexes in their files, on the device.
    func withDurableIndexes() throws(FileError) -> LogSegment { try withSavedIndexes(durably: true) }

    func removeCleaned() throws(FileError) { try disk.remove(cleanedPath) }
}

extension LogSegment {
    /// Where to look for the batch with an offset: at or before it.
    func position(notAfter offset: Int64) throws(FileError) -> Int {
        let relative = offset - baseOffset
        return Int(try offsetIndex.last { Int64($0.relativeOffset) <= relative }?.position ?? 0)
    }

    /// The offset after the last batch, found by the last entry of the index; `nil` where the index or the end of the file
    /// is not what was written. It costs a few reads, however large the segment is.
    mutating func indexedEnd() throws(FileError) -> Int64? {
        let entry = try offsetIndex.last()
        let start = Int(entry?.position ?? 0)
        var expected = baseOffset + Int64(entry?.relativeOffset ?? 0)
        guard start <= size, entry == nil || start < size else { return nil }
        var scanner = BatchScanner(lookingUpIn: try file(), from: start, to: size)
        while let batch = try scanner.next() {
            guard batch.header.baseOffset == expected else { return nil }
            expected = batch.header.nextOffset
        }
        guard scanner.problem == nil, try hasRightLastTime() else { return nil }
        return expected
    }

    /// Whether the last entry of the index of times is that of a batch.
    private mutating func hasRightLastTime() throws(FileError) -> Bool {
        guard let last = try timeIndex.last() else { return true }
        let offset = baseOffset + Int64(last.relativeOffset)
        var scanner = BatchScanner(lookingUpIn: try file(), from: try position(notAfter: offset), to: size)
        while let batch = try scanner.next(), batch.header.baseOffset <= offset {
            if batch.header.baseOffset == offset { return batch.header.maxTimestamp == last.timestamp }
        }
        return false
    }

    /// Starts of batches that the index knows, for a read of `maxBytes`.
    struct Place {
        /// At or before the batch that is searched for.
        var start = 0
        /// The last one known that begins among the bytes to be read.
        var lastStart = 0
    }

    func place(of offset: Int64, maxBytes: Int) throws(FileError) -> Place {
        var lookup = try offsetIndex.lookup()
        let relative = offset - baseOffset
        let start = Int(try lookup.last { Int64($0.relativeOffset) <= relative }?.position ?? 0)
        let limit = start + max(0, min(maxBytes, size))
        let lastStart = try lookup.last { Int($0.position) <= limit }?.position ?? 0
        return Place(start: start, lastStart: Int(lastStart))
    }

    /// Where to look for the first record that is not older than `timestamp`: at or before it.
    func position(before timestamp: Int64) throws(FileError) -> Int {
        guard let entry = try timeIndex.last(where: { $0.timestamp < timestamp }) else { return 0 }
        return try position(notAfter: baseOffset + Int64(entry.relativeOffset))
    }
}

/// The name of a file of a partition: an offset in 20 digits, so that names sort as offsets do, and what it holds.
struct LogFileName: Hashable, Sendable {
    static let digits = 20

    let offset: Int64
    let fileExtension: String

    init(_ offset: Int64, _ fileExtension: String) {
        self.offset = offset
        self.fileExtension = fileExtension
    }

    /// The parts of a name; `nil` for a name that is not a log file's.
    init?(_ text: String) {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.count == Self.digits, let offset = Int64(parts[0]),
            0...LogLimits.offsetMax ~= offset
        else {
            return nil
        }
        self.init(offset, String(parts[1]))
    }

    var text: String {
        let number = String(offset)
        return String(repeating: "0", count: Self.digits - number.utf8.count) + number + "." + fileExtension
    }
}
