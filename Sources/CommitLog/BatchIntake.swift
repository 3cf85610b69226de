import KafkaProtocol
import NIOCore

/// What the settings of a topic make of a batch before it is appended: `compression.type` compresses it anew, and
/// `message.timestamp.type=LogAppendTime` gives it the time of the append, as Kafka does both; the limits of
/// `message.timestamp.….max.ms` refuse it.
///
/// Records are decompressed and compressed piece by piece, and what comes out has at most `max.message.bytes`.
struct BatchIntake {
    private let configuration: LogConfiguration
    /// The time of day, ms since 1970.
    private let timeOfDay: Int64

    init(_ configuration: LogConfiguration, timeOfDay: Int64) {
        self.configuration = configuration
        self.timeOfDay = timeOfDay
    }

    /// Checks the records of a batch whose header was checked, as far as that was not done with it.
    ///
    /// - Returns: the batch as it is to be stored, and its header.
    /// - Throws: ``LogError/Code/invalidRecord``, ``LogError/Code/messageTooLarge``, ``LogError/Code/invalidTimestamp``.
    func take(_ batch: ByteBuffer, _ header: RecordBatchHeader) throws(LogError) -> (ByteBuffer, RecordBatchHeader) {
        let codec = header.attributes.codec ?? .none
        var (stored, storedHeader) = (batch, header)
        if let compression = configuration.recordCompression, compression.codec != codec {
            stored = try compressed(batch, header, codec, by: compression)
            storedHeader.attributes.codec = compression.codec
        } else if codec != .none || timestampSearch(header) != nil {
            try check(batch, header, codec)
        }
        if configuration.timestampType == .logAppendTime {
            storedHeader.attributes.timestampType = .logAppendTime
            storedHeader.maxTimestamp = timeOfDay
        }
        if storedHeader != header { storedHeader.seal(&stored) }
        return (stored, storedHeader)
    }

    private func check(_ batch: ByteBuffer, _ header: RecordBatchHeader, _ codec: CompressionCodec) throws(LogError) {
        var check = recordCheck(header)
        try read(batch, codec) { check.consume($0) }
        try require(check)
    }

    /// The batch with its records compressed by `compression`, which are checked on the way. Its header is that of before.
    private func compressed(
        _ batch: ByteBuffer,
        _ header: RecordBatchHeader,
        _ codec: CompressionCodec,
        by compression: RecordCompression
    ) throws(LogError) -> ByteBuffer {
        let head = batch.getSlice(at: batch.readerIndex, length: RecordBatchHeader.byteCount) ?? ByteBuffer()
        var check = recordCheck(header)
        var isTooLarge = false
        let bytesMax = configuration.messageBytesMax
        let compressed = try RecordCompressor.compress(compression, after: head, bytesMax: bytesMax) {
            compressor throws(LogError) in
            try read(batch, codec) { piece in
                guard check.consume(piece) else { return false }
                isTooLarge = !compressor.append(piece)
                return !isTooLarge
            }
            if !isTooLarge { try require(check) }
        }
        guard let compressed else {
            throw LogError(
                .messageTooLarge,
                "a batch has more than the \(bytesMax) bytes that the topic takes, as the topic compresses it "
                    + "(compression.type=\(configuration.compression.rawValue)). Raise max.message.bytes of the topic or lower "
                    + "batch.size of the producer"
            )
        }
        return compressed
    }

    private func read(
        _ batch: ByteBuffer,
        _ codec: CompressionCodec,
        _ body: (RawSpan) -> Bool
    ) throws(LogError) {
        let records = batch.readableBytesSpan.extracting(droppingFirst: RecordBatchHeader.byteCount)
        let bounds = LogLimits.decompression(messageBytesMax: configuration.messageBytesMax)
        do throws(DecompressionError) {
            try RecordDecompressor.decompress(records, codec, bounds, body)
        } catch {
            switch error {
            case .malformed: throw LogError(.invalidRecord, "a batch was refused: \(error)")
            case .tooLarge:
                throw LogError(.messageTooLarge, "a batch was refused: \(error). Lower batch.size of the producer")
            }
        }
    }

    private func require(_ check: RecordCheck) throws(LogError) {
        if let found = check.found, let times = acceptedTimes {
            throw LogError(
                .invalidTimestamp,
                "a batch was refused: the timestamp \(found.timestamp) of its record \(found.offset) is not from "
                    + "\(times.lowerBound) to \(times.upperBound), as message.timestamp.before.max.ms and "
                    + "message.timestamp.after.max.ms of the topic ask",
                records: [Int32(found.offset)]
            )
        }
        try BatchCheck.require(check)
    }

    private func recordCheck(_ header: RecordBatchHeader) -> RecordCheck {
        RecordCheck(
            count: header.recordCount,
            search: timestampSearch(header),
            requiresKeys: configuration.isCompacted
        )
    }

    // MARK: Timestamps

    /// A search for the first record whose timestamp is refused; its offset is its place in the batch. `nil` where any
    /// timestamp is accepted.
    private func timestampSearch(_ header: RecordBatchHeader) -> RecordCheck.Search? {
        acceptedTimes.map { times in
            RecordCheck.Search(.isOutside(times), baseTimestamp: header.baseTimestamp, baseOffset: 0)
        }
    }

    /// The timestamps that the topic accepts; `nil` where it accepts any.
    private var acceptedTimes: ClosedRange<Int64>? {
        let (before, after) = (configuration.timestampBeforeMilliseconds, configuration.timestampAfterMilliseconds)
        guard configuration.limitsTimestamps else { return nil }
        let (oldest, underflows) = timeOfDay.subtractingReportingOverflow(before)
        let (newest, overflows) = timeOfDay.addingReportingOverflow(after)
        return (underflows ? .min : oldest)...(overflows ? .max : newest)
    }
}

/// What an append does beside writing, as the topic's settings ask.
package struct AppendWork: OptionSet, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// It may wait for the device.
    package static let flushes = AppendWork(rawValue: 1)
    /// It compresses batches.
    package static let compresses = AppendWork(rawValue: 2)
    /// It looks into batches, or changes them: see `BatchIntake`.
    static let inspects = AppendWork(rawValue: 4)
    /// It refuses records without a key: the topic is compacted.
    static let requiresKeys = AppendWork(rawValue: 8)

    init(_ configuration: LogConfiguration) {
        self = []
        if configuration.flushMessages < .max { insert(.flushes) }
        if configuration.isCompacted { insert(.requiresKeys) }
        if configuration.recordCompression != nil { insert([.compresses, .inspects]) }
        if configuration.timestampType == .logAppendTime || configuration.limitsTimestamps { insert(.inspects) }
    }
}

/// The outcome of ``PartitionLog/append(batch:now:timeOfDay:)``: offsets, and the time where the log gives it.
package enum AppendOutcome: Hashable, Sendable {
    /// It is in the log, with these offsets.
    case appended(baseOffset: Int64, lastOffset: Int64, time: Int64? = nil)
    /// The same batch of the same producer was in the log already, with these offsets: it is to be acknowledged again.
    case duplicate(baseOffset: Int64, lastOffset: Int64, time: Int64? = nil)

    /// The offset of the batch's first record.
    package var baseOffset: Int64 {
        switch self {
        case .appended(let offset, _, _), .duplicate(let offset, _, _): offset
        }
    }

    /// The offset of the batch's last record.
    package var lastOffset: Int64 {
        switch self {
        case .appended(_, let offset, _), .duplicate(_, let offset, _): offset
        }
    }

    /// The timestamp that the log gave all records of the batch, ms since 1970; `nil` where they keep their own.
    package var time: Int64? {
        switch self {
        case .appended(_, _, let time), .duplicate(_, _, let time): time
        }
    }
}
