import Files
import KafkaProtocol
import NIOCore

/// One cleaning of a compacted log, in small steps: after it, only the newest record of each key is left in what was cleaned.
///
/// First the records that were appended since the last time are read, and the newest offset of each of their keys noted
/// (``KeyOffsets``), until all are or the memory for it is used up. Then all segments up to there are written anew without
/// the records that ``BatchCleaning`` drops, as many of them into one as `segment.bytes` allows, and each new segment takes
/// the place of its old ones (``SegmentSwap``). Offsets stay what they were. The active segment is never touched.
///
/// A cleaning that is given up at any step leaves the log as it is then: some of its segments are cleaned and others not,
/// which the next one makes good.
struct LogCleaning: Sendable {
    private let log: PartitionLog
    private let plan: CleaningPlan
    private let disk: Disk
    private let bounds: RecordDecompressor.Bounds
    private var keys: KeyOffsets
    /// Records from here on are not in ``keys``.
    private var keysEnd: Int64
    /// Set once ``keys`` are complete.
    private var cleaning: BatchCleaning?
    /// The segment that is read, by its place in the plan.
    private var index = 0
    private var scanner: BatchScanner?
    /// The offset that the next batch has.
    private var nextOffset: Int64 = 0
    /// The segments that become one, by their places in the plan.
    private var group = 0..<0
    private var output: CleanedSegment?
    private(set) var report = CleaningReport()

    init(_ plan: CleaningPlan, of log: PartitionLog, disk: Disk, mapBytes: Int = LogLimits.cleaningMapBytes) {
        (self.log, self.plan, self.disk) = (log, plan, disk)
        bounds = LogLimits.decompression(messageBytesMax: plan.configuration.messageBytesMax)
        keys = KeyOffsets(forRecords: plan.end - plan.firstDirtyOffset, bytesMax: mapBytes)
        keysEnd = plan.firstDirtyOffset
        index = plan.segments.dropFirst().prefix { $0.baseOffset <= plan.firstDirtyOffset }.count
    }

    /// Does the next piece of work: one batch, or one segment.
    ///
    /// - Returns: the bytes that were read; `nil` where there is nothing left to do.
    mutating func step() throws(LogError) -> Int? {
        do throws(LogError) {
            return cleaning == nil ? try noteKeys() : try rewrite()
        } catch {
            // Retention was faster.
            if index < plan.segments.count, plan.segments[index].isGone { return giveUp() }
            throw error
        }
    }

    /// Removes what is half done.
    mutating func abandon() {
        output?.discard()
        output = nil
    }

    private mutating func giveUp() -> Int? {
        abandon()
        return nil
    }

    /// The next batch of the segment; `nil` at its end. Its CRC does not cover its offset, so that is checked as well.
    private mutating func nextBatch() throws(LogError) -> (StoredBatch, ByteBuffer)? {
        try LogError.mapping { () throws(FileError) in
            if scanner == nil { scanner = try openSegment() }
            guard var scanner = self.scanner.take() else { return nil }
            let batch = try scanner.next()
            if let problem = scanner.problem { throw .damagedLog(scanner.file.path, problem.description) }
            let found = batch?.header.baseOffset ?? endOffset(index)
            guard found == nextOffset else {
                throw .damagedLog(scanner.file.path, "offset \(found) stands where \(nextOffset) follows")
            }
            guard let batch else { return nil }
            nextOffset = batch.header.nextOffset
            let bytes = scanner.bytes(of: batch)
            self.scanner = scanner
            return (batch, bytes)
        }
    }

    private mutating func openSegment() throws(FileError) -> BatchScanner {
        var segment = plan.segments[index]
        nextOffset = segment.baseOffset
        return BatchScanner(
            try segment.file(),
            from: 0,
            to: segment.size,
            verifies: true,
            readBytes: LogLimits.recoveryReadBytes
        )
    }

    private func endOffset(_ index: Int) -> Int64 {
        index + 1 < plan.segments.count ? plan.segments[index + 1].baseOffset : plan.end
    }

    // MARK: The newest offset of each key

    private mutating func noteKeys() throws(LogError) -> Int {
        guard index < plan.segments.count else {
            beginRewriting(to: plan.end)
            return 0
        }
        guard let (batch, bytes) = try nextBatch() else {
            index += 1
            return 0
        }
        if !note(batch.header, bytes) { beginRewriting(to: keysEnd) }
        return bytes.readableBytes
    }

    /// - Returns: `false` where there was no room for all keys.
    private mutating func note(_ header: RecordBatchHeader, _ batch: ByteBuffer) -> Bool {
        guard header.nextOffset > plan.firstDirtyOffset else { return true }
        if !header.attributes.isControl, header.recordCount > 0,
            let records = StoredRecords(batch, header, bounds)
        {
            let hasRoom = records.forEach { place in
                let offset = header.baseOffset + place.offsetDelta
                guard let key = place.key, offset >= plan.firstDirtyOffset else { return true }
                if keys.put(records.bytes.readableBytesSpan.extracting(key), offset: offset) { return true }
                keysEnd = offset
                return false
            }
            guard hasRoom else { return false }
        }
        keysEnd = header.nextOffset
        return true
    }

    private mutating func beginRewriting(to end: Int64) {
        keysEnd = end
        cleaning = BatchCleaning(
            keys: keys,
            end: end,
            now: plan.now,
            deleteRetention: plan.configuration.deleteRetentionMilliseconds,
            bounds: bounds
        )
        (index, scanner) = (0, nil)
    }

    // MARK: Segments

    private mutating func rewrite() throws(LogError) -> Int? {
        if output == nil, try !beginGroup() {
            try log.noteCleaned(through: keysEnd)
            report.cleanedOffset = keysEnd
            return nil
        }
        guard index < group.upperBound || extendGroup() else { return try endGroup() ? 0 : giveUp() }
        guard let (batch, bytes) = try nextBatch(), let cleaning else {
            index += 1
            return 0
        }
        let header = batch.header
        try LogError.mapping { () throws(FileError) in
            switch cleaning.outcome(for: bytes, header) {
            case .kept: try output?.append(bytes, isChanged: false)
            case .rewritten(let rest, let count):
                report.recordsRemoved += count
                try output?.append(rest, isChanged: true)
            case .emptied(let count):
                report.recordsRemoved += count
                let isLast = header.hasProducerID && plan.lastOffsets[header.producerID] == header.lastOffset
                try output?.skip(header, isLastOfProducer: isLast)
            }
        }
        return bytes.readableBytes
    }

    /// Begins the next new segment.
    ///
    /// - Returns: `false` where all are done.
    private mutating func beginGroup() throws(LogError) -> Bool {
        guard index < plan.segments.count, plan.segments[index].baseOffset < keysEnd else { return false }
        group = index..<(index + 1)
        output = try LogError.mapping { () throws(FileError) in
            try CleanedSegment(
                in: log.directory,
                baseOffset: plan.segments[index].baseOffset,
                indexIntervalBytes: plan.configuration.indexIntervalBytes,
                disk: disk
            )
        }
        return true
    }

    /// Takes one more segment into the new one, where it fits even if all of it stays.
    private mutating func extendGroup() -> Bool {
        let next = group.upperBound
        guard let output, next < plan.segments.count, plan.segments[next].baseOffset < keysEnd,
            group.count < LogLimits.cleanedSegmentsMax,
            output.segment.size + plan.segments[next].size <= plan.configuration.segmentBytes
        else { return false }
        guard endOffset(next) - output.segment.baseOffset <= Int64(Int32.max) else { return false }
        group = group.lowerBound..<(next + 1)
        return true
    }

    /// Puts the new segment in the place of the old ones.
    ///
    /// - Returns: `false` where those are not in the log any more.
    private mutating func endGroup() throws(LogError) -> Bool {
        guard var output else { return true }
        let segments = plan.segments[group]
        try LogError.mapping { () throws(FileError) in
            try output.seal(firstAppend: segments.first?.firstAppend, lastAppend: segments.last?.lastAppend)
        }
        if !output.isChanged, segments.count == 1 {
            output.discard()
        } else {
            // From here on the files belong to the swap.
            self.output = nil
            guard try log.replace(Array(segments), by: output.segment) else {
                output.discard()
                return false
            }
            report.bytesBefore += segments.reduce(0) { $0 + $1.size }
            report.bytesAfter += output.segment.size
        }
        self.output = nil
        return true
    }
}

/// The outcome of one cleaning of a log.
package struct CleaningReport: Hashable, Sendable {
    /// The bytes of the segments that were replaced, and of those that took their place.
    package internal(set) var bytesBefore = 0
    package internal(set) var bytesAfter = 0
    package internal(set) var recordsRemoved = 0
    /// All records before it are cleaned; `nil` where the cleaning was not finished because segments were deleted meanwhile.
    package internal(set) var cleanedOffset: Int64?
}
