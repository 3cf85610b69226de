import Checksums
import Files
import KafkaProtocol
import NIOCore
package import SystemPackage

/// Damage in a log, and what was done about it.
package struct LogDamage: Hashable, Sendable, CustomStringConvertible {
    /// The file, and where in it.
    package let path: FilePath
    package let bytes: Range<Int>
    /// What is wrong there.
    package let reason: String
    /// Where the damaged bytes are now; `nil` where they were zeros, or where nothing was lost.
    package let setAside: FilePath?

    package var description: String {
        let kept = setAside.map { "; they are kept in \($0)" } ?? ""
        return "\(path), bytes \(bytes.lowerBound)..<\(bytes.upperBound): \(reason)\(kept)"
    }
}

/// Rewrites a damaged segment: its complete batches, and gap batches in the place of offsets that are lost.
struct SegmentRepair {
    static let damagedExtension = LogSegment.logExtension + ".damaged"

    let directory: FilePath
    let baseOffset: Int64
    let path: FilePath
    let disk: Disk

    /// Sets the damaged bytes of the file aside, durably, and puts a file without them in its place.
    ///
    /// - Returns: what was damaged, and the offsets that no record has any more.
    func run(_ scan: SegmentScan) throws(FileError) -> (damages: [LogDamage], gaps: [Range<Int64>]) {
        let source = try disk.open(path)
        var damages: [LogDamage] = []
        for piece in scan.pieces {
            switch piece {
            case .batches: break
            case .misnumbered(let bytes, let offset, _):
                let reason = "the beginning of the batch with offset \(offset) was damaged; it is whole again"
                damages.append(LogDamage(path: path, bytes: bytes, reason: reason, setAside: nil))
            case .damage(let bytes, let reason):
                damages.append(
                    LogDamage(path: path, bytes: bytes, reason: reason, setAside: try setAside(bytes, of: source))
                )
            }
        }
        if damages.contains(where: { $0.setAside != nil }) { try disk.synchronizeDirectory(directory) }
        return (damages, try rewrite(scan, from: source))
    }

    private func setAside(_ bytes: Range<Int>, of source: OpenFile) throws(FileError) -> FilePath? {
        guard try !isZero(bytes, of: source) else { return nil }
        let name = LogFileName(baseOffset, "\(Self.damagedExtension)-\(bytes.lowerBound)").text
        let target = disk.freeName(directory.appending(name).string)
        let file = try disk.open(target, .writeOnly, options: [.create, .exclusiveCreate])
        var position = 0
        try copy(bytes, of: source) { part throws(FileError) in
            try file.write(part, at: position)
            position += part.byteCount
        }
        try file.synchronize()
        return target
    }

    private func isZero(_ bytes: Range<Int>, of source: OpenFile) throws(FileError) -> Bool {
        for start in stride(from: bytes.lowerBound, to: bytes.upperBound, by: LogLimits.recoveryReadBytes) {
            let count = min(LogLimits.recoveryReadBytes, bytes.upperBound - start)
            if try source.bytes(at: start, count: count).contains(where: { $0 != 0 }) { return false }
        }
        return true
    }

    /// - Returns: the offsets that gap batches stand for.
    private func rewrite(_ scan: SegmentScan, from source: OpenFile) throws(FileError) -> [Range<Int64>] {
        let target = try ReplacementFile(path, disk: disk)
        var gaps: [Range<Int64>] = []
        var next = baseOffset
        func close(_ gap: Range<Int64>) throws(FileError) {
            let batch = GapBatch.afterLoss(gap, leaderEpoch: scan.epoch(at: gap.lowerBound))
            try target.append(batch.readableBytesSpan)
            gaps.append(gap)
        }
        for piece in scan.pieces {
            switch piece {
            case .damage: break
            case .batches(let bytes, let offsets):
                if offsets.lowerBound > next { try close(next..<offsets.lowerBound) }
                try copy(bytes, of: source) { part throws(FileError) in try target.append(part) }
                next = offsets.upperBound
            case .misnumbered(let bytes, let offset, let epoch):
                if offset > next { try close(next..<offset) }
                next = try copyBatch(bytes, as: offset, epoch, of: source, to: target)
            }
        }
        try target.replace()
        return gaps
    }

    private func copyBatch(
        _ bytes: Range<Int>,
        as offset: Int64,
        _ leaderEpoch: Int32,
        of source: OpenFile,
        to target: ReplacementFile
    ) throws(FileError) -> Int64 {
        var batch = ByteBuffer()
        try source.read(bytes.count, at: bytes.lowerBound, into: &batch)
        SegmentScan.mendPrefix(of: &batch, offset: offset, leaderEpoch: leaderEpoch)
        try target.append(batch.readableBytesSpan)
        let delta = batch.getInteger(at: 23, as: Int32.self) ?? 0
        return offset + Int64(delta) + 1
    }

    private func copy(
        _ bytes: Range<Int>,
        of source: OpenFile,
        to write: (RawSpan) throws(FileError) -> Void
    ) throws(FileError) {
        for start in stride(from: bytes.lowerBound, to: bytes.upperBound, by: LogLimits.recoveryReadBytes) {
            let count = min(LogLimits.recoveryReadBytes, bytes.upperBound - start)
            let part = try source.bytes(at: start, count: count)
            try write(part.span.bytes)
        }
    }
}

/// What a segment's file holds, read through with every CRC: complete batches, and damaged bytes between them.
///
/// Damage ends where the next complete batch begins, so that nothing after it is lost. A batch is searched for first where the
/// damaged one states its end, then byte by byte. A batch whose CRC is right, but whose offset, length, leader epoch or
/// magic is not, is not lost: no CRC covers these fields, and its place in the file tells what they were.
struct SegmentScan: Sendable {
    enum Piece: Hashable, Sendable {
        /// Batches one after the other, whose offsets follow one another.
        case batches(Range<Int>, offsets: Range<Int64>)
        /// One complete batch whose first bytes, which no CRC covers, are damaged; `offset` and `leaderEpoch` are the right
        /// ones.
        case misnumbered(Range<Int>, offset: Int64, leaderEpoch: Int32)
        case damage(Range<Int>, reason: String)
    }

    private(set) var pieces: [Piece] = []
    /// The offset after the last complete batch.
    private(set) var nextOffset: Int64
    /// The end of the last complete batch.
    private(set) var end = 0
    /// Whether the bytes after ``end`` are the beginning of the batch that follows: a write that was interrupted.
    private(set) var isTorn = false
    /// Where leader epochs begin in it.
    private(set) var epochs: [LeaderEpochs.Entry] = []

    private let file: OpenFile
    private let size: Int
    private let baseOffset: Int64
    private let isLast: Bool
    /// No batch of this segment has an offset from here on.
    private let limit: Int64
    /// Bytes that may still be checksummed to find where damage ends, so that the search is bounded.
    private var searchBytesLeft: Int
    /// The least leader epoch that the first batch can have. Epochs never fall.
    private let epochMin: Int32
    /// The greatest one that any batch can have; `nil` where it is not known.
    private let epochMax: Int32?

    /// - Parameters:
    ///   - limit: The base offset of the next segment, or the reserved bound.
    ///   - isLast: Whether it is the last segment of the log: only there a write can have been interrupted.
    ///   - point: Where to begin, behind batches that are known to be whole; `nil` for the beginning.
    ///   - epochMin: The least leader epoch that the first batch can have.
    ///   - epochMax: The greatest one that any batch can have; `nil` where it is not known.
    init(
        _ file: OpenFile,
        baseOffset: Int64,
        limit: Int64,
        isLast: Bool,
        after point: RecoveryPoint? = nil,
        epochMin: Int32,
        epochMax: Int32?
    ) throws(FileError) {
        self.epochMin = epochMin
        self.epochMax = epochMax
        self.file = file
        self.baseOffset = baseOffset
        self.limit = min(limit, baseOffset + GapBatch.offsetsMax)
        self.isLast = isLast
        size = try file.size()
        nextOffset = baseOffset
        if let point {
            pieces = [.batches(0..<point.bytes, offsets: baseOffset..<point.endOffset)]
            (end, nextOffset) = (point.bytes, point.endOffset)
        }
        searchBytesLeft = LogLimits.searchFactor * max(size, LogLimits.recoveryReadBytes)
        try run()
    }

    /// Whether the file is as it was written, but for an interrupted write at its end.
    var isWhole: Bool {
        let isAsWritten =
            switch pieces.first {
            case .batches(_, let offsets): offsets.lowerBound == baseOffset && pieces.count == 1
            case .misnumbered, .damage: false
            case nil: true
            }
        return isAsWritten && (end == size || isTorn)
    }

    /// The leader epoch of the batches before the one at an offset.
    func epoch(at offset: Int64) -> Int32 {
        epochs.last { $0.startOffset < offset }?.epoch ?? epochMin
    }

    private var epoch: Int32 { epochs.last?.epoch ?? epochMin }

    /// Whether a batch can have its leader epoch. Where the greatest epoch is not known, a large rise counts only if the next
    /// batch confirms it.
    private func hasPossibleEpoch(_ batch: StoredBatch) throws(FileError) -> Bool {
        let (own, limit) = (batch.header.partitionLeaderEpoch, epoch.addingSaturating(LogLimits.leaderEpochsUnknownMax))
        guard own >= epoch, own <= epochMax ?? .max else { return false }
        if epochMax != nil || own <= limit { return true }
        guard let next = try header(at: batch.end)?.partitionLeaderEpoch else { return false }
        return own...own.addingSaturating(LogLimits.leaderEpochsUnknownMax) ~= next
    }

    private mutating func run() throws(FileError) {
        var followsDamage = false
        while end < size {
            let problem = try takeBatches(followsDamage: followsDamage)
            guard let problem else { return }
            let next = try resumption(after: end)
            if try takeBatch(damagedInFrontOf: next ?? size) {
                followsDamage = false
                continue
            }
            if isLast, next == nil, try isInterruptedWrite() {
                isTorn = true
                return
            }
            pieces.append(.damage(end..<(next ?? size), reason: problem))
            end = next ?? size
            followsDamage = true
        }
    }

    /// Takes complete batches from ``end`` on; returns what is wrong with the bytes after them, `nil` at the end.
    private mutating func takeBatches(followsDamage: Bool) throws(FileError) -> String? {
        var scanner = BatchScanner(
            file,
            from: end,
            to: size,
            verifies: true,
            readBytes: LogLimits.recoveryReadBytes
        )
        var isFirst = followsDamage
        while let batch = try scanner.next() {
            let header = batch.header
            // After damage only the batch itself has its offset.
            let isPlausible = header.baseOffset > nextOffset && header.baseOffset < limit
            var offset = nextOffset
            if isPlausible {
                let isRight = isFirst ? true : try isFollowed(batch)
                if isRight { offset = header.baseOffset }
            }
            isFirst = false
            if offset == header.baseOffset, try hasPossibleEpoch(batch) {
                if header.partitionLeaderEpoch > epoch {
                    epochs.append(.init(epoch: header.partitionLeaderEpoch, startOffset: offset))
                }
                add(batch)
            } else {
                pieces.append(.misnumbered(batch.position..<batch.end, offset: offset, leaderEpoch: epoch))
            }
            nextOffset = offset + Int64(header.lastOffsetDelta) + 1
            end = batch.end
        }
        return scanner.problem?.description
    }

    /// Takes the bytes from ``end`` to `next` as one batch where its CRC shows that only the bytes before it are damaged.
    private mutating func takeBatch(damagedInFrontOf next: Int) throws(FileError) -> Bool {
        guard next - end >= RecordBatchHeader.byteCount, next - end <= searchBytesLeft else { return false }
        searchBytesLeft -= next - end
        var bytes = ByteBuffer()
        try file.read(next - end, at: end, into: &bytes)
        let checksum = CRC32C.checksum(
            of: bytes.readableBytesSpan.extracting(droppingFirst: RecordBatchHeader.checksummedFrom)
        )
        guard let delta = bytes.getInteger(at: 23, as: Int32.self), delta >= 0,
            bytes.getInteger(at: 17, as: UInt32.self) == checksum
        else { return false }
        Self.mendPrefix(of: &bytes, offset: nextOffset, leaderEpoch: epoch)
        // Its other fields may be impossible although their CRC is right.
        guard (try? RecordBatchHeader(bytes)) != nil else { return false }
        pieces.append(.misnumbered(end..<next, offset: nextOffset, leaderEpoch: epoch))
        nextOffset += Int64(delta) + 1
        end = next
        return true
    }

    /// Puts the fields of a batch right that no CRC covers.
    static func mendPrefix(of batch: inout ByteBuffer, offset: Int64, leaderEpoch: Int32) {
        batch.setInteger(offset, at: batch.readerIndex)
        batch.setInteger(Int32(batch.readableBytes - RecordBatchHeader.prefixByteCount), at: batch.readerIndex + 8)
        batch.setInteger(leaderEpoch, at: batch.readerIndex + 12)
        batch.setInteger(Int8(2), at: batch.readerIndex + 16)
    }

    private mutating func add(_ batch: StoredBatch) {
        let offsets = batch.header.baseOffset..<batch.header.nextOffset
        if case .batches(let bytes, let before) = pieces.last, bytes.upperBound == batch.position,
            before.upperBound == offsets.lowerBound
        {
            pieces[pieces.count - 1] = .batches(
                bytes.lowerBound..<batch.end,
                offsets: before.lowerBound..<offsets.upperBound
            )
        } else {
            pieces.append(.batches(batch.position..<batch.end, offsets: offsets))
        }
    }

    /// Whether the next batch has the offset that follows this one's, so that this one's is right.
    private func isFollowed(_ batch: StoredBatch) throws(FileError) -> Bool {
        try header(at: batch.end)?.baseOffset == batch.header.nextOffset
    }

    private func header(at position: Int) throws(FileError) -> RecordBatchHeader? {
        var scanner = BatchScanner(
            file,
            from: position,
            to: size,
            verifies: false,
            readBytes: RecordBatchHeader.byteCount
        )
        return try scanner.next()?.header
    }

    // MARK: Where damage ends

    /// Where the next complete batch begins after damage at `position`; `nil` where none follows.
    private mutating func resumption(after position: Int) throws(FileError) -> Int? {
        if let damaged = try header(at: position) {
            let end = position + damaged.totalByteCount
            if end == size { return nil }
            if try isBatch(at: end) { return end }
        }
        var window = ByteBuffer()
        var start = position + 1
        // Of those that nothing confirms, the first one.
        var candidate: Int?
        while start + RecordBatchHeader.byteCount <= size {
            window.clear()
            let count = try file.read(LogLimits.recoveryReadBytes, at: start, into: &window)
            let places = places(of: window.readableBytesSpan)
            for place in places where start + place < size {
                guard try isBatch(at: start + place) else { continue }
                if try isConfirmed(at: start + place) { return start + place }
                candidate = candidate ?? start + place
            }
            // The header of a batch may span the end of the window.
            let step = count - RecordBatchHeader.byteCount + 1
            guard count == LogLimits.recoveryReadBytes, step > 0 else { break }
            start += step
        }
        return candidate
    }

    /// Places in `bytes` where a batch may begin: they have the magic, a length and a leader epoch that can be.
    private func places(of bytes: RawSpan) -> [Int] {
        bytes.withUnsafeBytes { bytes in
            guard bytes.count >= RecordBatchHeader.byteCount else { return [] }
            var places: [Int] = []
            for place in 0...(bytes.count - RecordBatchHeader.byteCount) where bytes[place + 16] == 2 {
                // A positive offset, length and delta.
                if bytes[place] < 0x80, bytes[place + 8] < 0x80, bytes[place + 23] < 0x80,
                    0...(epochMax ?? .max)
                        ~= Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: place + 12, as: Int32.self))
                {
                    places.append(place)
                }
            }
            return places
        }
    }

    private mutating func isBatch(at position: Int) throws(FileError) -> Bool {
        guard let header = try header(at: position), header.baseOffset >= nextOffset, header.baseOffset < limit,
            header.totalByteCount <= searchBytesLeft
        else { return false }
        searchBytesLeft -= header.totalByteCount
        var scanner = BatchScanner(
            file,
            from: position,
            to: position + header.totalByteCount,
            verifies: true,
            readBytes: header.totalByteCount
        )
        return try scanner.next() != nil
    }

    /// Whether a batch is followed by the next one or by the end of the file. Records may hold bytes that look like a
    /// batch; they are not followed so.
    private func isConfirmed(at position: Int) throws(FileError) -> Bool {
        guard let header = try header(at: position) else { return false }
        let end = position + header.totalByteCount
        if end == size { return true }
        return try self.header(at: end)?.baseOffset == header.nextOffset
    }

    /// Whether the bytes after ``end`` are the beginning of the batch that follows.
    private func isInterruptedWrite() throws(FileError) -> Bool {
        var bytes = ByteBuffer()
        try file.read(min(RecordBatchHeader.byteCount, size - end), at: end, into: &bytes)
        var expected = ByteBuffer()
        expected.writeInteger(nextOffset)
        let known = min(bytes.readableBytes, expected.readableBytes)
        guard bytes.getSlice(at: 0, length: known) == expected.getSlice(at: 0, length: known) else { return false }
        guard bytes.readableBytes == RecordBatchHeader.byteCount else { return true }
        guard let header = try? RecordBatchHeader(bytes) else { return false }
        return end + header.totalByteCount > size
    }
}
