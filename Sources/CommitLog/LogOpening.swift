import Files
import KafkaProtocol
package import KafkaTopics
package import SystemPackage

/// The steps of opening a log.
struct LogOpening {
    let directory: FilePath
    let configuration: LogConfiguration
    let now: Int64
    let disk: Disk
    /// What is known outside the directory of how far offsets may have been given.
    let reservedOffset: Int64?
    /// What is known outside the directory of where the log begins.
    let requestedStartOffset: Int64
    let isSameBoot: Bool
    /// Whether a log that was closed in this opening was not opened since; see ``OffsetReservations``.
    let isLastClosing: (String?) -> Bool
    /// The greatest leader epoch that any log of the root has had; `nil` where that is not known.
    let lastEpoch: Int32?
    /// Whether the partition must be there.
    let isKnown: Bool
    let places: OpenSegments
    private(set) var epochs = LeaderEpochs()
    /// The greatest leader epoch that a batch can have; `nil` where it is not known.
    private var epochMax: Int32?
    /// The recovery point of the active segment, where it held.
    private var point: RecoveryPoint?
    var report = RecoveryReport()
    /// The files of the directory, as they were found.
    private var names: [String] = []

    init(
        directory: FilePath,
        configuration: LogConfiguration,
        now: Int64,
        disk: Disk,
        reservedOffset: Int64?,
        requestedStartOffset: Int64,
        isSameBoot: Bool,
        isLastClosing: @escaping (String?) -> Bool,
        lastEpoch: Int32?,
        isKnown: Bool,
        places: OpenSegments
    ) {
        self.directory = directory
        self.configuration = configuration
        self.now = now
        self.disk = disk
        self.reservedOffset = reservedOffset
        self.requestedStartOffset = requestedStartOffset
        self.isSameBoot = isSameBoot
        self.isLastClosing = isLastClosing
        self.lastEpoch = lastEpoch
        self.isKnown = isKnown
        self.places = places
    }

    /// A segment, and where it ends once that is known.
    private struct Found {
        var segment: LogSegment
        var hasIndexes = false
        var end: Int64?

        /// Finds the end by the indexes.
        mutating func findEnd() throws(FileError) { if hasIndexes { end = try segment.indexedEnd() } }
    }

    /// - Returns: the log as it is on disk, and where it is to go on instead of its end; `nil` where that is its end.
    mutating func run() throws(FileError) -> (LogState, resumption: Int64?) {
        try SegmentSwap.finish(in: directory, disk: disk)
        let (checkpoint, isVerified) = try checkpoint()
        // What has no checksum decides nothing that would lose records.
        let notedStart = isVerified ? checkpoint?.logStartOffset ?? 0 : 0
        let startOffset = max(requestedStartOffset, notedStart)
        epochs = checkpoint?.leaderEpochs ?? LeaderEpochs()
        epochMax = lastEpoch.map { max(epochs.latest, $0) }
        var found = try existingSegments(from: startOffset)
        if let first = found.first?.segment.baseOffset, first > startOffset, isVerified, checkpoint != nil || isKnown,
            report.checkpointSetAside == nil
        {
            report.gaps.append(startOffset..<first)
        }
        var bound = [reservedOffset, checkpoint?.reservedOffset].compactMap(\.self).max()
        if found.isEmpty { return try opened(without: checkpoint, bound) }
        let isDoubtful = try check(&found, checkpoint, bound: bound ?? .max)
        try closeHoles(in: &found)
        for index in found.indices {
            let isExact = report.wasClean || index < found.count - 1
            found[index].segment.noteAppends(before: now, isExact: isExact)
        }
        let endOffset = found.last?.end ?? 0
        let newest = try ProducerSnapshot.newest(among: names, in: directory, notAfter: .max, disk: disk)
        let reached = max(checkpoint?.reachedOffset ?? 0, startOffset, newest?.offset ?? 0)
        // Of a log that lost its end, these snapshots would answer batches that are gone.
        try ProducerSnapshot.remove(after: endOffset, among: names, in: directory, disk: disk)
        let isLost = isDoubtful || reached > endOffset || (!report.wasClean && !isSameBoot)
        if bound == nil, isLost { bound = max(reached, endOffset) + LogLimits.offsetsReserved }
        let reserved = max(bound ?? LogState.reservedAtFirst, endOffset)
        var snapshot = newest
        if let newest, newest.offset > endOffset {
            snapshot = try ProducerSnapshot.newest(among: names, in: directory, notAfter: endOffset, disk: disk)
        }
        var state = try state(
            of: found.map(\.segment),
            startOffset: startOffset,
            endOffset: endOffset,
            reservedOffset: reserved,
            producers: producers(from: snapshot, in: found.map(\.segment), endOffset: endOffset),
            cleanEnd: report.wasClean ? checkpoint?.cleanEnd : nil,
            cleanedOffset: isVerified ? checkpoint?.cleanedOffset ?? 0 : 0
        )
        if !report.wasClean { state.beginEpoch() }
        return (state, isLost ? max(reserved, reached) : nil)
    }

    private mutating func checkpoint() throws(FileError) -> (PartitionCheckpoint?, isVerified: Bool) {
        switch try PartitionCheckpoint.load(from: directory, disk: disk) {
        case .absent: return (nil, true)
        case .verified(let checkpoint): return (checkpoint, true)
        case .unverified(let checkpoint): return (checkpoint, false)
        case .damaged:
            let path = directory.appending(PartitionCheckpoint.fileName)
            report.checkpointSetAside = try disk.setAside(path, as: "damaged")
            return (nil, true)
        }
    }

    /// A log without any segment: a new one, or one whose files are gone, which begins after all that is known of it.
    private mutating func opened(
        without checkpoint: PartitionCheckpoint?,
        _ bound: Int64?
    ) throws(FileError) -> (LogState, resumption: Int64?) {
        report.wasMissing = isKnown || checkpoint != nil || report.checkpointSetAside != nil
        var startOffset: Int64 = 0
        if report.wasMissing {
            report.wasClean = false
            startOffset = max(bound ?? LogState.reservedAtFirst, checkpoint?.reachedOffset ?? 0, requestedStartOffset)
        }
        let segment = try LogSegment.create(in: directory, baseOffset: startOffset, disk: disk)
        var state = LogState(
            directory: directory,
            disk: disk,
            configuration: configuration,
            segments: [segment],
            logStartOffset: startOffset,
            endOffset: startOffset,
            producers: ProducerStateManager(),
            epochs: LeaderEpochs(since: max(epochs.latest, lastEpoch ?? 0), at: startOffset),
            nextEpoch: nextEpoch,
            reservedOffset: max(bound ?? LogState.reservedAtFirst, startOffset),
            notedStartOffset: startOffset,
            flushedOffset: startOffset,
            places: places,
            directoryNeedsFlush: true
        )
        if report.wasMissing { state.beginEpoch() }
        return (state, nil)
    }

    /// The leader epoch that begins where records may have been lost: greater than any before, of this log and of others,
    /// as this one may have replaced another one of its name.
    private var nextEpoch: Int32 { max(epochs.latest, lastEpoch ?? 0).addingSaturating(1) }

    private func state(
        of segments: [LogSegment],
        startOffset: Int64,
        endOffset: Int64,
        reservedOffset: Int64,
        producers: ProducerStateManager,
        cleanEnd: PartitionCheckpoint.CleanEnd?,
        cleanedOffset: Int64
    ) throws(FileError) -> LogState {
        var segments = segments
        let first = segments[0].baseOffset
        segments[segments.count - 1] = try segments[segments.count - 1].activated()
        return LogState(
            directory: directory,
            disk: disk,
            configuration: configuration,
            segments: segments,
            logStartOffset: max(startOffset, first),
            endOffset: endOffset,
            producers: producers,
            epochs: epochs,
            nextEpoch: nextEpoch,
            reservedOffset: reservedOffset,
            notedStartOffset: startOffset,
            // After a recovery it is unknown what the device has; the next flush settles it.
            flushedOffset: report.wasClean ? endOffset : first,
            cleanEnd: cleanEnd,
            places: places,
            cleanedOffset: min(cleanedOffset, endOffset),
            recoveryPoint: point,
            directoryNeedsFlush: !report.wasClean
        )
    }

    // MARK: Segments

    /// The segments on disk, in order and not opened for appending. Removes leftovers of interrupted work: files that were
    /// not complete yet, indexes without a log, segments before the start of the log.
    private mutating func existingSegments(from startOffset: Int64) throws(FileError) -> [Found] {
        names = try disk.names(in: directory)
        for name in names where name.hasSuffix("." + Disk.temporaryExtension) {
            try disk.remove(directory.appending(name))
        }
        let files = names.compactMap { LogFileName($0) }
        let logs = files.filter { $0.fileExtension == LogSegment.logExtension }.map(\.offset)
        for file in files {
            let isOrphan = LogSegment.indexExtensions.contains(file.fileExtension) && !logs.contains(file.offset)
            guard isOrphan || file.fileExtension == LogSegment.cleanedExtension else { continue }
            try disk.remove(directory.appending(file.text))
        }
        var found: [Found] = []
        for (index, offset) in logs.enumerated() {
            let (segment, hasIndexes) = try LogSegment.sealed(in: directory, baseOffset: offset, disk: disk)
            if index + 1 < logs.count, logs[index + 1] <= startOffset {
                // A deletion that failed must not move the start of the log back.
                do throws(FileError) { try segment.deleteFiles() } catch { report.undeleted.append(segment.logPath) }
                continue
            }
            found.append(Found(segment: segment, hasIndexes: hasIndexes))
            // The last one is searched only where it was closed: after a crash its indexes are not those of all of it.
            if index + 1 < logs.count { try found[found.count - 1].findEnd() }
        }
        return found
    }

    /// Finds out where each segment ends, and repairs those that are not as they were written.
    ///
    /// - Returns: whether the end of the log is in doubt.
    private mutating func check(
        _ found: inout [Found],
        _ checkpoint: PartitionCheckpoint?,
        bound: Int64
    ) throws(FileError) -> Bool {
        let last = found.count - 1
        report.wasClean = false
        if let end = checkpoint?.cleanEnd, isSameBoot || isLastClosing(end.opening),
            found[last].segment.baseOffset == end.segment, found[last].segment.size == end.bytes
        {
            try found[last].findEnd()
            report.wasClean = found[last].end == end.endOffset
        }
        if report.wasClean, checkpoint?.recoveryPoint?.segment == found[last].segment.baseOffset {
            point = checkpoint?.recoveryPoint
        }
        let recoveryOffset = checkpoint?.recoveryOffset ?? 0
        var isDoubtful = false
        for index in found.indices {
            let next = index < last ? found[index + 1].segment.baseOffset : bound
            let isDue = !report.wasClean && (index == last || found[index].segment.baseOffset >= recoveryOffset)
            if !isDue, let end = found[index].end, index == last || end == next { continue }
            let endsInDamage = try recover(
                &found[index],
                limit: next,
                isLast: index == last,
                from: index == last ? checkpoint?.recoveryPoint : nil,
                countsAsRecovery: isDue
            )
            isDoubtful = index == last && endsInDamage
        }
        return isDoubtful
    }

    /// Reads a segment through, repairs it where it is damaged, and makes its indexes again.
    ///
    /// - Parameter point: Up to where it need not be read.
    /// - Returns: whether there was damage after its last complete batch.
    private mutating func recover(
        _ found: inout Found,
        limit: Int64,
        isLast: Bool,
        from point: RecoveryPoint?,
        countsAsRecovery: Bool
    ) throws(FileError) -> Bool {
        var start: RecoveryPoint?
        if let point, let resumed = try found.segment.resumed(at: point) { (found.segment, start) = (resumed, point) }
        let scan = try SegmentScan(
            try found.segment.file(),
            baseOffset: found.segment.baseOffset,
            limit: limit,
            isLast: isLast,
            after: start,
            epochMin: min(epochs.leastEpoch(at: start?.endOffset ?? found.segment.baseOffset), epochMax ?? .max),
            epochMax: epochMax
        )
        for entry in scan.epochs { epochs.begin(entry.epoch, at: entry.startOffset) }
        if countsAsRecovery {
            report.segmentsChecked += 1
            report.bytesChecked += scan.end - (start?.bytes ?? 0)
        } else {
            report.indexesRebuilt += 1
        }
        let fileBytes = try found.segment.file().size()
        var end = scan.end
        if scan.isTorn { report.bytesCut += fileBytes - scan.end }
        if !scan.isWhole {
            let repair = SegmentRepair(
                directory: directory,
                baseOffset: found.segment.baseOffset,
                path: found.segment.logPath,
                disk: disk
            )
            let (damages, gaps) = try repair.run(scan)
            report.damages += damages
            report.gaps += gaps
            found.segment.reopen()
            end = try found.segment.file().size()
        }
        let interval = configuration.indexIntervalBytes
        if let start, scan.isWhole {
            found.end = try found.segment.extend(to: end, from: start.endOffset, indexIntervalBytes: interval)
            self.point = start
        } else {
            found.end = try found.segment.rebuild(to: end, indexIntervalBytes: interval)
        }
        if fileBytes > end, scan.isWhole { try found.segment.cut() }
        if !isLast { found.segment = try found.segment.sealed() }
        if case .damage = scan.pieces.last { return true }
        return false
    }

    /// Puts a segment of gap batches wherever one ends before the next begins: a segment in between is gone, or its end.
    private mutating func closeHoles(in found: inout [Found]) throws(FileError) {
        var index = 0
        while index + 1 < found.count {
            let end = found[index].end ?? found[index].segment.baseOffset
            let next = found[index + 1].segment.baseOffset
            if end < next {
                let gap = end..<min(next, end + GapBatch.offsetsMax)
                var segment = try LogSegment.create(in: directory, baseOffset: end, disk: disk)
                try segment.append(
                    gap: gap,
                    leaderEpoch: epochs.leastEpoch(at: max(0, end - 1)),
                    now: now,
                    indexIntervalBytes: configuration.indexIntervalBytes,
                    places
                )
                let sealed = Found(segment: try segment.sealed(), end: gap.upperBound)
                report.gaps.append(gap)
                // An empty segment has the name that the gap's has.
                if found[index].segment.baseOffset == end {
                    found[index] = sealed
                } else {
                    found.insert(sealed, at: index + 1)
                    index += 1
                }
            } else {
                index += 1
            }
        }
    }

    // MARK: Producers

    /// The producers at the end of the log: from the newest snapshot, and the batches after it.
    private func producers(
        from snapshot: ProducerSnapshot?,
        in segments: [LogSegment],
        endOffset: Int64
    ) throws(FileError) -> ProducerStateManager {
        var producers = ProducerStateManager(snapshot?.producers ?? [:])
        var start = snapshot?.offset ?? 0
        if let point, !point.hasProducers, point.endOffset > start {
            (producers, start) = (ProducerStateManager(), point.endOffset)
        }
        for (index, segment) in segments.enumerated() {
            let next = index + 1 < segments.count ? segments[index + 1].baseOffset : endOffset
            if next <= start { continue }
            var segment = segment
            var scanner = BatchScanner(
                lookingUpIn: try segment.file(),
                from: try segment.position(notAfter: start),
                to: segment.size
            )
            while let batch = try scanner.next() {
                if batch.header.baseOffset >= start { producers.record(batch.header, at: now) }
            }
        }
        return producers
    }
}

/// The outcome of opening a partition.
package struct RecoveryReport: Hashable, Sendable {
    /// Whether the log had been closed cleanly, so that nothing had to be read.
    package internal(set) var wasClean = true
    /// Segments and bytes that were read through.
    package internal(set) var segmentsChecked = 0
    package internal(set) var bytesChecked = 0
    /// Bytes of a write that was interrupted, cut off at the end of the log. They were never acknowledged.
    package internal(set) var bytesCut = 0
    /// Places that were damaged. What was there is set aside; what is after is kept.
    package internal(set) var damages: [LogDamage] = []
    /// Offsets that had records and have none any more, or that may have had: they are not given again.
    package internal(set) var gaps: [Range<Int64>] = []
    /// Whether the directory, or all segments in it, were gone. The log begins where its offsets may have ended.
    package internal(set) var wasMissing = false
    /// A state file that was damaged, and where it is now.
    package internal(set) var checkpointSetAside: FilePath?
    /// Segments before the start of the log that could not be deleted. They are not served.
    package internal(set) var undeleted: [FilePath] = []
    /// Segments whose indexes were missing or damaged and were made again.
    package internal(set) var indexesRebuilt = 0

    package init() {}

    /// Whether records may be gone that were acknowledged.
    package var hasLoss: Bool { wasMissing || !gaps.isEmpty || damages.contains { $0.setAside != nil } }
}

/// The outcome of opening a root.
package struct OpeningReport: Hashable, Sendable {
    /// By partition, for those that had not been closed cleanly or needed repair.
    package internal(set) var recoveries: [TopicPartition: RecoveryReport] = [:]
    /// Directories that belonged to no topic, left by an interrupted creation or deletion, and were removed.
    package internal(set) var removedDirectories: [String] = []
    /// Directories that look like partitions of no topic and hold records. They are neither read nor deleted.
    package internal(set) var unknownDirectories: [String] = []

    /// Whether a version that took compressed batches unread made the root, and this one opened it for the first time.
    package internal(set) var isOfEarlierVersion = false
    /// Where a damaged `reserved-offsets.json` was put.
    package internal(set) var reservationsSetAside: FilePath?

    package init() {}
}
