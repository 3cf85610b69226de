import Files
import KafkaProtocol
package import NIOCore
import Synchronization

extension PartitionLog {
    /// What a reader takes out of the lock: the active segment's index is searched inside, so that appends need not copy
    /// it; a sealed segment's, which is in a file, outside.
    private struct View {
        let file: OpenFile
        let baseOffset: Int64
        let size: Int
        let place: LogSegment.Place?
        let sealed: LogSegment?
    }

    /// Complete batches from the one on that has the record `offset`, together at most `maxBytes`, but at least one batch
    /// however large it is (KIP-74). They are of one segment, so there may be fewer than exist.
    ///
    /// - Returns: `nil` where `offset` is the end of the log: there is nothing yet.
    /// - Throws: ``LogError/Code/offsetOutOfRange``, `closed`, `storageFailed`, `damaged`.
    package func read(from offset: Int64, maxBytes: Int) throws(LogError) -> LogSlice? {
        let view: View? = try state.withLock { state throws(LogError) in
            try state.requireOpen()
            guard offset >= state.logStartOffset, offset <= state.endOffset else {
                throw state.outOfRange(offset)
            }
            guard offset < state.endOffset else { return nil }
            let index = state.segments.lastIndex { $0.baseOffset <= offset } ?? 0
            return try LogError.mapping { () throws(FileError) in try Self.view(&state, index, offset, maxBytes) }
        }
        guard let view else { return nil }
        let slice = try LogError.mapping { () throws(FileError) -> LogSlice? in
            if let slice = try Self.slice(from: offset, maxBytes: maxBytes, view) { return slice }
            return try Self.sliceBehindDamage(from: offset, maxBytes: maxBytes, view)
        }
        if slice?.baseOffset ?? .max > offset { noteDamage(in: view, at: offset) }
        if let slice { return slice }
        // Nothing of the segment is readable from there on.
        let next = state.withLock { state in
            state.segments.first { $0.baseOffset > view.baseOffset }?.baseOffset ?? state.endOffset
        }
        return try read(from: next, maxBytes: maxBytes)
    }

    /// The first batches after damaged bytes, which begin after `offset`: a reader must get past the damage,
    /// and sees by the offsets that records are gone. Reads the whole segment, which only damage makes necessary.
    private static func sliceBehindDamage(
        from offset: Int64,
        maxBytes: Int,
        _ view: View
    ) throws(FileError) -> LogSlice? {
        let scan = try SegmentScan(view.file, baseOffset: view.baseOffset, limit: .max, isLast: true)
        for case .batches(let bytes, let offsets) in scan.pieces where offsets.upperBound > offset {
            guard bytes.upperBound <= view.size else { break }
            let part = View(
                file: view.file,
                baseOffset: offsets.lowerBound,
                size: bytes.upperBound,
                place: nil,
                sealed: nil
            )
            let wanted = max(offset, offsets.lowerBound)
            guard let first = try batch(with: wanted, from: bytes.lowerBound, part) else { continue }
            let end = try end(ofBatchesFrom: first, maxBytes: maxBytes, LogSegment.Place(), part)
            return LogSlice(
                file: view.file,
                position: first.position,
                length: end - first.position,
                baseOffset: first.header.baseOffset
            )
        }
        return nil
    }

    /// The next opening reads the segment and repairs it, however the log is closed; the next maintenance reports it.
    private func noteDamage(in view: View, at offset: Int64) {
        state.withLock { state in
            if state.damagedFrom == nil {
                state.damageToReport = "\(view.file.path) is damaged at offset \(offset); reads continue after it"
            }
            state.damagedFrom = min(state.damagedFrom ?? .max, view.baseOffset)
        }
    }

    private static func view(
        _ state: inout LogState,
        _ index: Int,
        _ offset: Int64,
        _ maxBytes: Int
    ) throws(FileError) -> View {
        let file = try state.segments[index].file()
        let segment = state.segments[index]
        let isActive = segment.isActive
        return View(
            file: file,
            baseOffset: segment.baseOffset,
            size: segment.size,
            place: isActive ? try segment.place(of: offset, maxBytes: maxBytes) : nil,
            sealed: isActive ? nil : segment
        )
    }

    private static func slice(from offset: Int64, maxBytes: Int, _ view: View) throws(FileError) -> LogSlice? {
        let place = try place(of: offset, maxBytes: maxBytes, view)
        // A stale index (possible after power loss) only costs a scan from the segment's start.
        var found = try batch(with: offset, from: place.start, view)
        if found == nil { found = try batch(with: offset, from: 0, view) }
        guard let first = found else { return nil }
        let end = try end(ofBatchesFrom: first, maxBytes: maxBytes, place, view)
        return LogSlice(
            file: view.file,
            position: first.position,
            length: end - first.position,
            baseOffset: first.header.baseOffset
        )
    }

    private static func place(
        of offset: Int64,
        maxBytes: Int,
        _ view: View
    ) throws(FileError) -> LogSegment.Place {
        if let place = view.place { return place }
        guard let sealed = view.sealed else { return LogSegment.Place() }
        do throws(FileError) {
            return try sealed.place(of: offset, maxBytes: maxBytes)
        } catch {
            // Retention took the segment meanwhile; the view has its log open, and reads it without the index.
            guard sealed.isGone else { throw error }
            return LogSegment.Place()
        }
    }

    private static func batch(with offset: Int64, from start: Int, _ view: View) throws(FileError) -> StoredBatch? {
        var scanner = scanner(view.file, from: start, to: view.size)
        while let batch = try scanner.next(), batch.header.baseOffset <= offset {
            if batch.header.lastOffset >= offset { return batch }
        }
        return nil
    }

    /// Where the last batch ends that fits into `maxBytes` from the start of `first` on, `first` always included.
    private static func end(
        ofBatchesFrom first: StoredBatch,
        maxBytes: Int,
        _ place: LogSegment.Place,
        _ view: View
    ) throws(FileError) -> Int {
        let limit = first.position + max(0, min(maxBytes, view.size))
        if limit >= view.size { return view.size }
        if limit <= first.end { return first.end }
        for start in [max(first.end, place.lastStart), first.end] {
            var end = start
            var scanner = scanner(view.file, from: start, to: view.size)
            while let batch = try scanner.next(), batch.end <= limit { end = batch.end }
            if scanner.problem == nil { return end }
        }
        return first.end
    }

    private static func scanner(_ file: OpenFile, from position: Int, to end: Int) -> BatchScanner {
        BatchScanner(file, from: position, to: end, verifies: false, readBytes: LogLimits.lookupReadBytes)
    }

    /// The first record, by offset, whose timestamp is `timestamp` (ms since 1970) or later.
    ///
    /// Of a batch that cannot be decompressed, which an earlier version took unread, it is the first record: a reader
    /// who starts there misses nothing.
    ///
    /// - Returns: `nil` where every record is older.
    package func offset(forTimestamp timestamp: Int64) throws(LogError) -> TimestampedOffset? {
        let (segments, start, bytesMax) = try state.withLock { state throws(LogError) in
            try state.requireOpen()
            return (state.segments, state.logStartOffset, state.configuration.messageBytesMax)
        }
        let bounds = LogLimits.decompression(messageBytesMax: bytesMax)
        for segment in segments {
            do throws(FileError) {
                guard try segment.largestTimestamp() >= timestamp else { continue }
                let found = try Self.firstRecord(in: segment, notBefore: timestamp, from: start, bounds)
                if let found { return found }
            } catch {
                // Retention took the segment meanwhile: its records are before the start of the log.
                guard segment.isGone else { throw LogError(error) }
            }
        }
        return nil
    }

    private static func firstRecord(
        in segment: LogSegment,
        notBefore timestamp: Int64,
        from start: Int64,
        _ bounds: RecordDecompressor.Bounds
    ) throws(FileError) -> TimestampedOffset? {
        var segment = segment
        let file = try segment.file()
        let position = try segment.position(before: timestamp)
        var problem: DecodeError?
        // Where the index is stale the segment is read from its beginning.
        for position in position > 0 ? [position, 0] : [0] {
            var scanner = scanner(file, from: position, to: segment.size)
            while let batch = try scanner.next() {
                guard batch.header.recordCount > 0, batch.header.maxTimestamp >= timestamp,
                    batch.header.lastOffset >= start
                else { continue }
                let found = try record(in: batch, file, notBefore: timestamp, from: start, bounds)
                if let found { return found }
            }
            problem = scanner.problem
            if problem == nil { break }
        }
        if let problem { throw .damagedLog(file.path, problem.description) }
        return nil
    }

    private static func record(
        in batch: StoredBatch,
        _ file: OpenFile,
        notBefore timestamp: Int64,
        from start: Int64,
        _ bounds: RecordDecompressor.Bounds
    ) throws(FileError) -> TimestampedOffset? {
        let header = batch.header
        var bytes = ByteBuffer()
        try file.read(header.totalByteCount, at: batch.position, into: &bytes)
        let search = RecordCheck.Search(
            timestamp: timestamp,
            offset: start,
            baseTimestamp: header.baseTimestamp,
            baseOffset: header.baseOffset
        )
        let codec = header.attributes.codec ?? .none
        do throws(DecompressionError) {
            let check = try RecordCheck.run(on: bytes.readableBytesSpan, header, codec, bounds, search: search)
            if check.found != nil || check.end() == nil { return check.found }
        } catch {}
        return TimestampedOffset(offset: max(header.baseOffset, start), timestamp: header.maxTimestamp)
    }
}

extension PartitionLog {
    /// The first record with the greatest timestamp of all (KIP-734), as ``offset(forTimestamp:)`` finds it.
    ///
    /// - Returns: `nil` where the log is empty.
    package func offsetOfLargestTimestamp() throws(LogError) -> TimestampedOffset? {
        let segments = try state.withLock { state throws(LogError) in
            try state.requireOpen()
            return state.segments
        }
        var largest: Int64?
        for segment in segments where segment.size > 0 {
            do throws(FileError) {
                largest = max(largest ?? .min, try segment.largestTimestamp())
            } catch {
                guard segment.isGone else { throw LogError(error) }
            }
        }
        guard let largest else { return nil }
        return try offset(forTimestamp: largest)
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

extension PartitionLog {
    /// Compressed batches below it may never have been checked; see ``checked(_:)``.
    package var uncheckedBelow: Int64 { unchecked.load(ordering: .relaxed) }

    /// Checks the compressed batches of a slice that begins below ``uncheckedBelow``. May take long.
    ///
    /// - Returns: the slice, or its first part: it ends where enough was checked, and before a batch that cannot be
    ///   read. Where the first batch is one, what is to be sent in its place.
    package func checked(_ slice: LogSlice) throws(LogError) -> CheckedSlice {
        let limit = uncheckedBelow
        let messageBytesMax = state.withLock { $0.configuration.messageBytesMax }
        let bounds = LogLimits.decompression(messageBytesMax: messageBytesMax)
        let end = slice.position + slice.length
        var scanner = BatchScanner(
            slice.file,
            from: slice.position,
            to: end,
            verifies: false,
            readBytes: LogLimits.lookupReadBytes
        )
        while let batch = try LogError.mapping({ () throws(FileError) in try scanner.next() }) {
            guard batch.header.baseOffset < limit else { return .right(slice) }
            guard let codec = batch.header.attributes.codec, codec != .none else { continue }
            if batch.position > slice.position, batch.end - slice.position > LogLimits.recoveryReadBytes {
                return .right(slice.part(endingAt: batch.position))
            }
            guard let problem = try problem(with: batch, of: slice, codec, bounds) else { continue }
            if batch.position > slice.position { return .right(slice.part(endingAt: batch.position)) }
            let offsets = batch.header.baseOffset...batch.header.lastOffset
            let isNew = state.withLock { state in
                guard state.damagedOffsets.count < LogLimits.damagedBatchesMax else { return false }
                return state.damagedOffsets.insert(offsets.lowerBound).inserted
            }
            let damage = DamagedBatch(offsets: offsets, reason: problem, isNew: isNew)
            return .replaced(GapBatch.bytes(batch.header.baseOffset..<batch.header.nextOffset), damage)
        }
        return .right(slice)
    }

    private func problem(
        with batch: StoredBatch,
        of slice: LogSlice,
        _ codec: CompressionCodec,
        _ bounds: RecordDecompressor.Bounds
    ) throws(LogError) -> String? {
        let bytes = try LogSlice(
            file: slice.file,
            position: batch.position,
            length: batch.header.totalByteCount,
            baseOffset: batch.header.baseOffset
        ).bytes()
        do throws(DecompressionError) {
            return try RecordCheck.run(on: bytes.readableBytesSpan, batch.header, codec, bounds).end()
        } catch {
            return error.description
        }
    }
}

extension LogSlice {
    /// The offset after the slice where none of its batches has a record; `nil` where one has.
    package func endWithoutRecords() throws(LogError) -> Int64? {
        var end = baseOffset
        var scanner = BatchScanner(
            file,
            from: position,
            to: position + length,
            verifies: false,
            readBytes: LogLimits.lookupReadBytes
        )
        while let batch = try LogError.mapping({ () throws(FileError) in try scanner.next() }) {
            if batch.header.recordCount > 0 { return nil }
            end = batch.header.nextOffset
        }
        return end > baseOffset ? end : nil
    }

    fileprivate func part(endingAt end: Int) -> LogSlice {
        LogSlice(file: file, position: position, length: end - position, baseOffset: baseOffset)
    }
}
