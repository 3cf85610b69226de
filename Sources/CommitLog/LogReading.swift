import Files
import KafkaProtocol
package import NIOCore

/// What a reader takes out of a log's lock: one segment as it is now.
///
/// The active segment's index is searched inside the lock, so that appends need not copy it; a sealed segment's, which is
/// in a file, outside.
struct SegmentView {
    let file: OpenFile
    let baseOffset: Int64
    private let size: Int
    private let place: LogSegment.Place?
    private let sealed: LogSegment?
    /// The epoch of the log, which no batch in it exceeds.
    private let leaderEpoch: Int32

    /// The view of a segment for a read of `maxBytes` from `offset`.
    init(
        of segment: inout LogSegment,
        for offset: Int64,
        maxBytes: Int,
        leaderEpoch: Int32,
        _ places: OpenSegments
    ) throws(FileError) {
        self.leaderEpoch = leaderEpoch
        file = try segment.file(keptIn: places)
        baseOffset = segment.baseOffset
        size = segment.size
        place = segment.isActive ? try segment.place(of: offset, maxBytes: maxBytes) : nil
        sealed = segment.isActive ? nil : segment
    }

    /// The view of complete batches in the file of another one, without an index.
    private init(_ file: OpenFile, baseOffset: Int64, size: Int, leaderEpoch: Int32) {
        (self.file, self.baseOffset, self.size, self.leaderEpoch) = (file, baseOffset, size, leaderEpoch)
        (place, sealed) = (nil, nil)
    }

    /// Complete batches from the one on that has the record `offset`; `nil` where nothing is readable from there on. See
    /// ``PartitionLog/read(from:maxBytes:)``.
    func slice(from offset: Int64, maxBytes: Int) throws(FileError) -> LogSlice? {
        let place = try place(of: offset, maxBytes: maxBytes)
        // A stale index (possible after power loss) only costs a scan from the segment's start.
        var found = try batch(with: offset, from: place.start)
        if found == nil { found = try batch(with: offset, from: 0) }
        guard let first = found else { return try sliceBehindDamage(from: offset, maxBytes: maxBytes) }
        return try slice(from: first, maxBytes: maxBytes, place)
    }

    /// The first batches after damaged bytes, which begin after `offset`: a reader must get past the damage,
    /// and sees by the offsets that records are gone. Reads the whole segment, which only damage makes necessary.
    private func sliceBehindDamage(from offset: Int64, maxBytes: Int) throws(FileError) -> LogSlice? {
        let scan = try SegmentScan(
            file,
            baseOffset: baseOffset,
            limit: .max,
            isLast: true,
            epochMin: 0,
            epochMax: leaderEpoch
        )
        for case .batches(let bytes, let offsets) in scan.pieces where offsets.upperBound > offset {
            guard bytes.upperBound <= size else { break }
            let part = SegmentView(
                file,
                baseOffset: offsets.lowerBound,
                size: bytes.upperBound,
                leaderEpoch: leaderEpoch
            )
            let wanted = max(offset, offsets.lowerBound)
            guard let first = try part.batch(with: wanted, from: bytes.lowerBound) else { continue }
            return try part.slice(from: first, maxBytes: maxBytes, LogSegment.Place())
        }
        return nil
    }

    private func place(of offset: Int64, maxBytes: Int) throws(FileError) -> LogSegment.Place {
        if let place { return place }
        guard let sealed else { return LogSegment.Place() }
        do throws(FileError) {
            let place = try sealed.place(of: offset, maxBytes: maxBytes)
            // The index may be that of the cleaned segment, and the view has the log of the old one open.
            return sealed.isReplaced ? LogSegment.Place() : place
        } catch {
            // Retention took the segment meanwhile; the view has its log open, and reads it without the index.
            guard sealed.isGone || sealed.isReplaced else { throw error }
            return LogSegment.Place()
        }
    }

    private func batch(with offset: Int64, from start: Int) throws(FileError) -> StoredBatch? {
        var scanner = BatchScanner(lookingUpIn: file, from: start, to: size)
        while let batch = try scanner.next(), batch.header.baseOffset <= offset {
            if batch.header.lastOffset >= offset { return batch }
        }
        return nil
    }

    private func slice(
        from first: StoredBatch,
        maxBytes: Int,
        _ place: LogSegment.Place
    ) throws(FileError) -> LogSlice {
        let end = try end(ofBatchesFrom: first, maxBytes: maxBytes, place)
        return LogSlice(
            file: file,
            position: first.position,
            length: end - first.position,
            baseOffset: first.header.baseOffset
        )
    }

    /// Where the last batch ends that fits into `maxBytes` from the start of `first` on, `first` always included.
    private func end(
        ofBatchesFrom first: StoredBatch,
        maxBytes: Int,
        _ place: LogSegment.Place
    ) throws(FileError) -> Int {
        let limit = first.position + max(0, min(maxBytes, size))
        if limit >= size { return size }
        if limit <= first.end { return first.end }
        for start in [max(first.end, place.lastStart), first.end] {
            var end = start
            var scanner = BatchScanner(lookingUpIn: file, from: start, to: size)
            while let batch = try scanner.next(), batch.end <= limit { end = batch.end }
            if scanner.problem == nil { return end }
        }
        return first.end
    }
}

/// Searches by time.
extension PartitionLog {
    /// The first record, by offset, whose timestamp is `timestamp` (ms since 1970) or later.
    ///
    /// - Returns: `nil` where every record is older.
    package func offset(forTimestamp timestamp: Int64) throws(LogError) -> TimestampedOffset? {
        try searching { segments, start, bounds throws(LogError) in
            let search = TimeSearch(timestamp: timestamp, start: start, bounds: bounds)
            for segment in segments {
                do throws(FileError) {
                    if let found = try search.firstRecord(in: segment) { return found }
                } catch {
                    // Retention took the segment meanwhile: its records are before the start of the log.
                    guard segment.isGone else { throw LogError(error) }
                }
            }
            return nil
        }
    }

    /// Searches the segments without the lock, and once more where cleaning replaced one of them meanwhile.
    private func searching<Found>(
        _ body: ([LogSegment], _ start: Int64, RecordDecompressor.Bounds) throws(LogError) -> Found
    ) throws(LogError) -> Found {
        while true {
            let (segments, start, messageBytesMax) = try searched()
            let found = Result { () throws(LogError) in
                try body(segments, start, LogLimits.decompression(messageBytesMax: messageBytesMax))
            }
            if !segments.contains(where: \.isReplaced) { return try found.get() }
        }
    }

    /// The first record with the greatest timestamp of all (KIP-734), as ``offset(forTimestamp:)`` finds it.
    ///
    /// - Returns: `nil` where the log is empty.
    package func offsetOfLargestTimestamp() throws(LogError) -> TimestampedOffset? {
        let largest = try searching { segments, start, _ throws(LogError) in
            var largest: Int64?
            for segment in segments where segment.size > 0 {
                do throws(FileError) {
                    guard let time = try segment.largestTimestamp(from: start) else { continue }
                    largest = max(largest ?? .min, time)
                } catch {
                    guard segment.isGone else { throw LogError(error) }
                }
            }
            return largest
        }
        guard let largest else { return nil }
        return try offset(forTimestamp: largest)
    }
}

/// A search for the first record, by offset, that is not older than a time.
struct TimeSearch {
    /// Milliseconds since 1970.
    let timestamp: Int64
    /// Records before it do not count.
    let start: Int64
    let bounds: RecordDecompressor.Bounds

    /// The record in this segment; `nil` where every record is older.
    ///
    /// Of a batch that cannot be decompressed, which an earlier version took unread, it is the first record: a reader
    /// who starts there misses nothing.
    func firstRecord(in segment: LogSegment) throws(FileError) -> TimestampedOffset? {
        var segment = segment
        guard try segment.largestTimestamp() >= timestamp else { return nil }
        let file = try segment.file()
        let position = try segment.position(before: timestamp)
        var problem: DecodeError?
        // Where the index is stale the segment is read from its beginning.
        for position in position > 0 ? [position, 0] : [0] {
            var scanner = BatchScanner(lookingUpIn: file, from: position, to: segment.size)
            while let batch = try scanner.next() {
                guard batch.header.recordCount > 0, batch.header.maxTimestamp >= timestamp,
                    batch.header.lastOffset >= start
                else { continue }
                if let found = try record(in: batch, file) { return found }
            }
            problem = scanner.problem
            if problem == nil { break }
        }
        if let problem { throw .damagedLog(file.path, problem.description) }
        return nil
    }

    private func record(in batch: StoredBatch, _ file: OpenFile) throws(FileError) -> TimestampedOffset? {
        let header = batch.header
        var bytes = ByteBuffer()
        try file.read(header.totalByteCount, at: batch.position, into: &bytes)
        let search = RecordCheck.Search(
            .isNotBefore(timestamp: timestamp, offset: start),
            baseTimestamp: header.baseTimestamp,
            baseOffset: header.baseOffset,
            appendTime: header.attributes.timestampType == .logAppendTime ? header.maxTimestamp : nil
        )
        let codec = header.attributes.codec ?? .none
        do throws(DecompressionError) {
            let check = try RecordCheck.run(on: bytes.readableBytesSpan, header, codec, bounds, search: search)
            if check.found != nil || check.end() == nil { return check.found }
        } catch {}
        return TimestampedOffset(offset: max(header.baseOffset, start), timestamp: header.maxTimestamp)
    }
}

/// A record found by its time.
package struct TimestampedOffset: Hashable, Sendable {
    package let offset: Int64
    /// Its timestamp, ms since 1970.
    package let timestamp: Int64

    package init(offset: Int64, timestamp: Int64) {
        self.offset = offset
        self.timestamp = timestamp
    }
}

/// What a consumer is given of a log where earlier versions took compressed batches unread.
package enum CheckedSlice: Sendable {
    /// Batches that were checked.
    case right(LogSlice)
    /// A batch that no consumer can read: in its place one without records, with the same offsets. Its own bytes stay
    /// on the disk.
    case replaced(ByteBuffer, DamagedBatch)
}

/// A batch that an earlier version took unread, and that cannot be read.
package struct DamagedBatch: Hashable, Sendable {
    package let offsets: ClosedRange<Int64>
    package let reason: String
    /// Whether it was found for the first time since the log was opened.
    package let isNew: Bool
}

extension LogSlice {
    /// The slice with its compressed batches checked, those below `limit`; see ``PartitionLog/checked(_:)``.
    ///
    /// - Parameter noteUnreadable: Is told the base offset of a batch that cannot be read; returns whether it is new.
    func checked(
        below limit: Int64,
        _ bounds: RecordDecompressor.Bounds,
        noteUnreadable: (Int64) -> Bool
    ) throws(LogError) -> CheckedSlice {
        var scanner = BatchScanner(lookingUpIn: file, from: position, to: position + length)
        while let batch = try LogError.mapping({ () throws(FileError) in try scanner.next() }) {
            guard batch.header.baseOffset < limit else { return .right(self) }
            guard let codec = batch.header.attributes.codec, codec != .none else { continue }
            if batch.position > position, batch.end - position > LogLimits.recoveryReadBytes {
                return .right(part(endingAt: batch.position))
            }
            guard let problem = try problem(with: batch, codec, bounds) else { continue }
            if batch.position > position { return .right(part(endingAt: batch.position)) }
            let damage = DamagedBatch(
                offsets: batch.header.baseOffset...batch.header.lastOffset,
                reason: problem,
                isNew: noteUnreadable(batch.header.baseOffset)
            )
            let empty = GapBatch.afterLoss(
                batch.header.baseOffset..<batch.header.nextOffset,
                leaderEpoch: batch.header.partitionLeaderEpoch
            )
            return .replaced(empty, damage)
        }
        return .right(self)
    }

    private func problem(
        with batch: StoredBatch,
        _ codec: CompressionCodec,
        _ bounds: RecordDecompressor.Bounds
    ) throws(LogError) -> String? {
        let bytes = try bytes(at: batch.position - position, count: batch.header.totalByteCount)
        do throws(DecompressionError) {
            return try RecordCheck.run(on: bytes.readableBytesSpan, batch.header, codec, bounds).end()
        } catch {
            return error.description
        }
    }

    private func part(endingAt end: Int) -> LogSlice {
        LogSlice(file: file, position: position, length: end - position, baseOffset: baseOffset)
    }

    /// The offset after the slice where none of its batches has a record; `nil` where one has.
    package func endWithoutRecords() throws(LogError) -> Int64? {
        var end = baseOffset
        var scanner = BatchScanner(lookingUpIn: file, from: position, to: position + length)
        while let batch = try LogError.mapping({ () throws(FileError) in try scanner.next() }) {
            if batch.header.recordCount > 0 { return nil }
            end = batch.header.nextOffset
        }
        return end > baseOffset ? end : nil
    }
}
