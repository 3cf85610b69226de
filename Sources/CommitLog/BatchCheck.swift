import KafkaProtocol
import NIOCore

/// What a log asks of a batch before it takes it, whatever the log's state is.
enum BatchCheck {
    /// The header of the one batch that `bytes` are. Its records are checked too where they are not compressed; see
    /// ``checkCompressedRecords(_:_:_:messageBytesMax:)`` for the others.
    ///
    /// - Throws: ``LogError/Code/corruptBatch`` where they are not a batch or the CRC is wrong,
    ///   ``LogError/Code/unsupportedFormat`` where they are one of an older format, ``LogError/Code/invalidRecord``
    ///   where a client may not send such a batch.
    static func header(of bytes: ByteBuffer) throws(LogError) -> RecordBatchHeader {
        let header: RecordBatchHeader
        do throws(DecodeError) {
            header = try RecordBatchHeader(verifying: bytes.readableBytesSpan)
        } catch {
            throw LogError(code(of: error.problem), "a batch was refused: \(error)")
        }
        if let problem = problem(with: header, bytes) {
            throw LogError(.invalidRecord, "a batch was refused: \(problem)")
        }
        return header
    }

    /// Checks the compressed records of a batch whose header was checked, as those of others are checked with it.
    ///
    /// - Parameter messageBytesMax: what the topic takes; records may have as many bytes uncompressed in any case.
    /// - Throws: ``LogError/Code/invalidRecord``, ``LogError/Code/messageTooLarge``.
    static func checkCompressedRecords(
        _ bytes: ByteBuffer,
        _ header: RecordBatchHeader,
        _ codec: CompressionCodec,
        messageBytesMax: Int
    ) throws(LogError) {
        let bounds = LogLimits.decompression(messageBytesMax: messageBytesMax)
        let problem: String?
        do throws(DecompressionError) {
            problem = try RecordCheck.run(on: bytes.readableBytesSpan, header, codec, bounds).end()
        } catch {
            switch error {
            case .malformed: throw LogError(.invalidRecord, "a batch was refused: \(error)")
            case .tooLarge:
                throw LogError(.messageTooLarge, "a batch was refused: \(error). Lower batch.size of the producer")
            }
        }
        if let problem { throw LogError(.invalidRecord, "a batch was refused: \(problem)") }
    }

    /// Only bytes that suffered on their way are worth sending again: what is whole and wrong stays so.
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
        if header.attributes.timestampType != .createTime { return "its timestamps are not those of its producer" }
        guard let codec = header.attributes.codec else { return "its compression codec is unknown" }
        if header.hasProducerID, header.baseSequence < 0 || header.producerEpoch < 0 {
            return "it has a producer id without an epoch or a sequence number"
        }
        guard codec == .none else { return nil }
        var check = RecordCheck(count: header.recordCount)
        _ = check.consume(bytes.readableBytesSpan.extracting(droppingFirst: RecordBatchHeader.byteCount))
        return check.end()
    }
}
