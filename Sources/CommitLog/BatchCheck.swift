import KafkaProtocol
import NIOCore

/// The checks of a batch before it is appended, independent of the log's state and settings; see `BatchIntake` for those.
enum BatchCheck {
    /// The header of the one batch that `bytes` are. Its records are checked too where they are not compressed; `BatchIntake`
    /// checks the others.
    ///
    /// - Parameter requiresKeys: Whether a record without a key is refused.
    /// - Throws: ``LogError/Code/corruptBatch`` where they are not a batch or the CRC is wrong,
    ///   ``LogError/Code/unsupportedFormat`` where they are one of an older format, ``LogError/Code/invalidRecord``
    ///   where a client may not send it, ``LogError/Code/invalidTimestamp`` where it says that the log gave it its time.
    static func header(of bytes: ByteBuffer, requiresKeys: Bool = false) throws(LogError) -> RecordBatchHeader {
        let header: RecordBatchHeader
        do throws(DecodeError) {
            header = try RecordBatchHeader(verifying: bytes.readableBytesSpan)
        } catch {
            throw LogError(code(of: error.problem), "a batch was refused: \(error)")
        }
        if header.attributes.timestampType != .createTime {
            throw LogError(.invalidTimestamp, "a batch was refused: its timestamps are not those of its producer")
        }
        if let problem = problem(with: header, bytes) {
            throw LogError(.invalidRecord, "a batch was refused: \(problem)")
        }
        if header.attributes.codec == CompressionCodec.none {
            var check = RecordCheck(count: header.recordCount, requiresKeys: requiresKeys)
            _ = check.consume(bytes.readableBytesSpan.extracting(droppingFirst: RecordBatchHeader.byteCount))
            try require(check)
        }
        return header
    }

    /// - Throws: ``LogError/Code/invalidRecord`` where something was found wrong with the records.
    static func require(_ check: RecordCheck) throws(LogError) {
        if let problem = check.end() { throw LogError(.invalidRecord, "a batch was refused: \(problem)") }
        guard let first = check.keyless.first else { return }
        throw LogError(
            .invalidRecord,
            "a batch was refused: its record \(first) has no key, and the topic is compacted by keys. Give each record a "
                + "key, or change cleanup.policy of the topic",
            records: check.keyless
        )
    }

    /// Only bytes that were damaged in transit are worth sending again: an invalid batch stays invalid.
    private static func code(of problem: DecodeError.Problem) -> LogError.Code {
        switch problem {
        case .unsupportedMagic: .unsupportedFormat
        case .recordCount: .invalidRecord
        default: .corruptBatch
        }
    }

    private static func problem(with header: RecordBatchHeader, _ bytes: ByteBuffer) -> String? {
        if bytes.readableBytes != header.totalByteCount {
            return "\(bytes.readableBytes - header.totalByteCount) bytes follow it, a request has one batch a partition"
        }
        guard header.recordCount > 0, Int64(header.recordCount) == Int64(header.lastOffsetDelta) + 1 else {
            return "it has \(header.recordCount) records and the last offset delta \(header.lastOffsetDelta)"
        }
        if header.attributes.isControl { return "it is a control batch, which only a server writes" }
        if header.attributes.isTransactional { return "it is part of a transaction, which are not offered" }
        if header.attributes.codec == nil { return "its compression codec is unknown" }
        if header.hasProducerID, header.baseSequence < 0 || header.producerEpoch < 0 {
            return "it has a producer id without an epoch or a sequence number"
        }
        return nil
    }
}

/// Whether records are what consumers can read, so that nothing is stored that a reader would later take for damage.
///
///     varint   the bytes of the record after this field. A varint, and a varlong, is an unsigned varint (see `WireCoder`)
///              over zigzag: 0, -1, 1, -2 … are 0, 1, 2, 3 …
///     int8     attributes, none in use
///     varlong  timestamp less the batch's base timestamp
///     varint   offset less the batch's base offset
///     varint   length of the key, -1 is null      then the key
///     varint   length of the value, -1 is null    then the value
///     varint   number of headers, then each: varint length of its key, the key,
///              varint length of its value, -1 is null, the value
///
/// All that producers send goes through here, so it reads the fields in place and makes no values of them. The records
/// come in pieces, as decompression gives them; a record may span several.
struct RecordCheck {
    /// A search on the way, for the first record that satisfies a condition.
    struct Search {
        enum Condition {
            /// Its timestamp and its offset are at least these.
            case isNotBefore(timestamp: Int64, offset: Int64)
            /// It has a timestamp, and one outside of these.
            case isOutside(ClosedRange<Int64>)
        }

        private let condition: Condition
        private let baseTimestamp: Int64
        private let baseOffset: Int64
        /// The timestamp of all records, where it is not their own.
        private let appendTime: Int64?

        init(_ condition: Condition, baseTimestamp: Int64, baseOffset: Int64, appendTime: Int64? = nil) {
            self.condition = condition
            self.baseTimestamp = baseTimestamp
            self.baseOffset = baseOffset
            self.appendTime = appendTime
        }

        /// The record with this timestamp delta at this place, where it is the one.
        func found(_ timestampDelta: Int64, at index: Int64) -> TimestampedOffset? {
            let timestamp = appendTime ?? baseTimestamp &+ timestampDelta
            let record = TimestampedOffset(offset: baseOffset &+ index, timestamp: timestamp)
            switch condition {
            case .isNotBefore(let timestamp, let offset):
                return record.timestamp >= timestamp && record.offset >= offset ? record : nil
            case .isOutside(let times):
                return record.timestamp == -1 || times.contains(record.timestamp) ? nil : record
            }
        }
    }

    private let count: Int64
    /// The offset delta of the last record, or one that it had before the batch was compacted.
    private let offsetDeltaMax: Int64
    /// Whether records may be missing in between: the batch was compacted.
    private let hasGaps: Bool
    private let search: Search?
    private let requiresKeys: Bool
    /// Records that were read to their end.
    private var read: Int64 = 0
    /// The least offset delta that the next record can have.
    private var nextOffsetDelta: Int64 = 0
    /// The record that goes on in the next piece.
    private var cut: CutRecord?
    private var problem: String?
    /// The record that was searched for.
    private(set) var found: TimestampedOffset?

    /// The places in the batch of the first records that have no key, where each needs one.
    private(set) var keyless: [Int32] = []

    /// - Parameter lastOffsetDelta: As the header says; `nil` where it is that of as many records as there are.
    init(count: Int32, lastOffsetDelta: Int32? = nil, search: Search? = nil, requiresKeys: Bool = false) {
        self.count = Int64(count)
        offsetDeltaMax = lastOffsetDelta.map(Int64.init) ?? self.count - 1
        hasGaps = self.count != offsetDeltaMax + 1
        self.search = search
        self.requiresKeys = requiresKeys
    }

    /// Reads the records of the whole batch `batch`, whose header is `header`.
    ///
    /// - Throws: where they are compressed and cannot be decompressed within `bounds`.
    static func run(
        on batch: RawSpan,
        _ header: RecordBatchHeader,
        _ codec: CompressionCodec,
        _ bounds: RecordDecompressor.Bounds,
        search: Search? = nil,
        requiresKeys: Bool = false
    ) throws(DecompressionError) -> RecordCheck {
        var check = RecordCheck(
            count: header.recordCount,
            lastOffsetDelta: header.lastOffsetDelta,
            search: search,
            requiresKeys: requiresKeys
        )
        let records = batch.extracting(RecordBatchHeader.byteCount..<header.totalByteCount)
        if codec == .none {
            _ = check.consume(records)
        } else {
            try RecordDecompressor.decompress(records, codec, bounds) { check.consume($0) }
        }
        return check
    }

    /// Reads the next piece.
    ///
    /// - Returns: whether to go on; `false` once something is wrong, or the record that is searched for is found.
    mutating func consume(_ piece: RawSpan) -> Bool {
        var position = 0
        while position < piece.byteCount {
            guard read < count else { return stop("bytes follow its last record") }
            let start = position
            let step = cut == nil ? whole(piece, &position) : .goesOn
            switch step {
            case .whole: read += 1
            case .malformed: return stop("its record \(read) is malformed")
            case .goesOn:
                if cut == nil { position = start }
                var record =
                    cut
                    ?? CutRecord(
                        offsetDeltas:
                            nextOffsetDelta...(hasGaps ? max(nextOffsetDelta, offsetDeltaMax) : nextOffsetDelta)
                    )
                let step = record.consume(piece, &position)
                cut = record
                if step == .goesOn { return true }
                cut = nil
                guard step == .whole else { return stop("its record \(read) is malformed") }
                if record.isKeyless, requiresKeys { noteKeyless() }
                note(record.timestampDelta, record.offsetDelta)
                read += 1
            }
            if found != nil { return false }
        }
        return true
    }

    private mutating func stop(_ reason: String) -> Bool {
        problem = reason
        return false
    }

    /// What is wrong with the records; `nil` where there are as many as there should be, the fields of each fill it,
    /// their offsets follow one another, and the last one ends where the batch does. Call it after the last piece.
    func end() -> String? {
        if let problem { return problem }
        if cut != nil { return "its record \(read) is malformed" }
        if nextOffsetDelta > offsetDeltaMax + 1 { return "its last record is after its last offset" }
        return read == count ? nil : "it has \(read) records and says \(count)"
    }

    private mutating func note(_ timestampDelta: Int64, _ offsetDelta: Int64) {
        nextOffsetDelta = offsetDelta + 1
        if let search { found = search.found(timestampDelta, at: offsetDelta) }
    }

    private enum Step {
        case whole
        case malformed
        /// The piece ends within the record.
        case goesOn
    }

    /// Reads a record that lies in this piece to its end.
    private mutating func whole(_ piece: RawSpan, _ position: inout Int) -> Step {
        guard let length = varint(piece, &position) else {
            return position == piece.byteCount ? .goesOn : .malformed
        }
        guard length > 0 else { return .malformed }
        guard length <= piece.byteCount - position else { return .goesOn }
        let end = position + Int(length)
        // The attributes, of which none are in use.
        position += 1
        guard let timestampDelta = varlong(piece, &position, byteCountMax: 10),
            let offsetDelta = varint(piece, &position), isNext(offsetDelta),
            skipKey(piece, &position), skipBytes(piece, &position, least: -1),
            let headers = varint(piece, &position), headers >= 0, headers <= Limits.headersPerRecordMax
        else { return .malformed }
        for _ in 0..<headers {
            guard skipBytes(piece, &position, least: 0), skipBytes(piece, &position, least: -1) else {
                return .malformed
            }
        }
        guard position == end else { return .malformed }
        note(timestampDelta, offsetDelta)
        return .whole
    }

    @inline(__always)
    private func isNext(_ offsetDelta: Int64) -> Bool {
        offsetDelta == nextOffsetDelta
            || (hasGaps && offsetDelta > nextOffsetDelta && offsetDelta <= offsetDeltaMax)
    }

    private mutating func noteKeyless() {
        if keyless.count < LogLimits.refusedRecordsMax { keyless.append(Int32(read)) }
    }

    /// Goes over a key.
    @inline(__always)
    private mutating func skipKey(_ piece: RawSpan, _ position: inout Int) -> Bool {
        guard let length = varint(piece, &position), length >= -1, length <= piece.byteCount - position else {
            return false
        }
        if length < 0, requiresKeys { noteKeyless() }
        position += max(0, Int(length))
        return true
    }

    // The next three are most of what checking costs, so they are inlined and have short ways for the usual lengths.

    /// Goes over a length and that many bytes; `least` is -1 where they may be null.
    @inline(__always)
    private func skipBytes(_ piece: RawSpan, _ position: inout Int, least: Int64) -> Bool {
        guard let length = varint(piece, &position), length >= least, length <= piece.byteCount - position else {
            return false
        }
        position += max(0, Int(length))
        return true
    }

    @inline(__always)
    private func varint(_ piece: RawSpan, _ position: inout Int) -> Int64? {
        guard let value = varlong(piece, &position, byteCountMax: 5), Int64(Int32.min)...Int64(Int32.max) ~= value
        else { return nil }
        return value
    }

    /// A zigzag variable-length integer of at most `byteCountMax` bytes.
    @inline(__always)
    private func varlong(_ piece: RawSpan, _ position: inout Int, byteCountMax: UInt64) -> Int64? {
        guard position < piece.byteCount else { return nil }
        // Safe: the position was just checked, and any byte is an integer.
        let first = piece.unsafeLoadUnaligned(fromUncheckedByteOffset: position, as: UInt8.self)
        if first < 0x80 {
            position += 1
            return Int64(first >> 1) ^ -Int64(first & 1)
        }
        if position + 1 < piece.byteCount {
            // Safe: as above.
            let second = piece.unsafeLoadUnaligned(fromUncheckedByteOffset: position + 1, as: UInt8.self)
            if second < 0x80 {
                position += 2
                return Int64(UInt64(second) << 6 | UInt64(first & 0x7F) >> 1) ^ -Int64(first & 1)
            }
        }
        return longVarlong(piece, &position, byteCountMax: byteCountMax)
    }

    /// The same for any length.
    @inline(never)
    private func longVarlong(_ piece: RawSpan, _ position: inout Int, byteCountMax: UInt64) -> Int64? {
        var number = Varint()
        while position < piece.byteCount {
            // Safe: the position was just checked, and any byte is an integer.
            let byte = piece.unsafeLoadUnaligned(fromUncheckedByteOffset: position, as: UInt8.self)
            position += 1
            guard let isWhole = number.append(byte, byteCountMax: byteCountMax) else { return nil }
            if isWhole { return number.value }
        }
        return nil
    }

    /// A zigzag variable-length integer on its way.
    private struct Varint {
        private var bits: UInt64 = 0
        private var byteCount: UInt64 = 0

        var value: Int64 { Int64(bitPattern: bits >> 1) ^ -Int64(bitPattern: bits & 1) }

        /// Returns whether it ends with this byte; `nil` where it is longer than it may be.
        mutating func append(_ byte: UInt8, byteCountMax: UInt64) -> Bool? {
            // The tenth byte has room for one bit only.
            if byteCount == 9, byte > 1 { return nil }
            bits |= UInt64(byte & 0x7F) << (7 * byteCount)
            byteCount += 1
            if byte < 0x80 { return true }
            return byteCount < byteCountMax ? false : nil
        }
    }

    /// A record that lies across pieces, read byte by byte.
    private struct CutRecord {
        private enum Field {
            case length, attributes, timestamp, offset, key, value, headerCount, headerKey, headerValue, end
        }

        private let offsetDeltas: ClosedRange<Int64>
        private(set) var offsetDelta: Int64 = 0
        private(set) var timestampDelta: Int64 = 0
        private(set) var isKeyless = false
        private var field = Field.length
        private var number = Varint()
        /// Bytes of the record that are still to come, once its length is known.
        private var left = 0
        /// Bytes of a key or a value that are still to come.
        private var skipped = 0
        private var headersLeft: Int64 = 0

        init(offsetDeltas: ClosedRange<Int64>) {
            self.offsetDeltas = offsetDeltas
        }

        mutating func consume(_ piece: RawSpan, _ position: inout Int) -> Step {
            while true {
                let count = min(skipped, piece.byteCount - position)
                position += count
                left -= count
                skipped -= count
                if skipped > 0 { return .goesOn }
                if field == .end { return left == 0 ? .whole : .malformed }
                if field != .length, left == 0 { return .malformed }
                guard position < piece.byteCount else { return .goesOn }
                // Safe: as above.
                let byte = piece.unsafeLoadUnaligned(fromUncheckedByteOffset: position, as: UInt8.self)
                position += 1
                if field != .length { left -= 1 }
                if field == .attributes {
                    field = .timestamp
                } else {
                    let isWhole = number.append(byte, byteCountMax: field == .timestamp ? 10 : 5)
                    guard let isWhole else { return .malformed }
                    guard isWhole else { continue }
                    guard take(number.value) else { return .malformed }
                    number = Varint()
                }
            }
        }

        /// Takes the number of a field; returns whether it can be.
        private mutating func take(_ value: Int64) -> Bool {
            guard field == .timestamp || Int64(Int32.min)...Int64(Int32.max) ~= value else { return false }
            switch field {
            case .length:
                left = Int(value)
                field = .attributes
                return value > 0
            case .timestamp:
                timestampDelta = value
                field = .offset
                return true
            case .offset:
                field = .key
                offsetDelta = value
                return offsetDeltas.contains(value)
            case .key:
                isKeyless = value < 0
                field = .value
                return skip(value, least: -1)
            case .value:
                field = .headerCount
                return skip(value, least: -1)
            case .headerCount:
                headersLeft = value
                field = value > 0 ? .headerKey : .end
                return value >= 0 && value <= Limits.headersPerRecordMax
            case .headerKey:
                field = .headerValue
                return skip(value, least: 0)
            case .headerValue:
                headersLeft -= 1
                field = headersLeft > 0 ? .headerKey : .end
                return skip(value, least: -1)
            case .attributes, .end: return false
            }
        }

        private mutating func skip(_ length: Int64, least: Int64) -> Bool {
            skipped = max(0, Int(length))
            return length >= least && length <= left
        }
    }
}
