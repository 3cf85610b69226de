import KafkaProtocol
import NIOCore

/// What a log asks of a batch before it takes it, whatever the log's state is.
enum BatchCheck {
    /// The header of the one batch that `bytes` are.
    ///
    /// - Throws: ``LogError/Code/corruptBatch`` where they are no batch or the CRC is wrong,
    ///   ``LogError/Code/invalidRecord`` where a client may not send such a batch.
    static func header(of bytes: ByteBuffer) throws(LogError) -> RecordBatchHeader {
        let header: RecordBatchHeader
        do throws(DecodeError) {
            header = try RecordBatchHeader(bytes)
            try header.verify(bytes.readableBytesSpan)
        } catch {
            throw LogError(.corruptBatch, "a batch was refused: \(error)")
        }
        if let problem = problem(with: header, bytes) {
            throw LogError(.invalidRecord, "a batch was refused: \(problem)")
        }
        return header
    }

    private static func problem(with header: RecordBatchHeader, _ bytes: ByteBuffer) -> String? {
        if bytes.readableBytes != header.totalByteCount {
            return "\(bytes.readableBytes - header.totalByteCount) bytes follow it, a request has one batch a partition"
        }
        guard header.recordCount > 0, header.recordCount == header.lastOffsetDelta + 1 else {
            return "it has \(header.recordCount) records and the last offset delta \(header.lastOffsetDelta)"
        }
        if header.attributes.isControl { return "it is a control batch, which only a server writes" }
        if header.attributes.isTransactional { return "it is part of a transaction, which are not offered" }
        if header.attributes.timestampType != .createTime { return "its timestamps are not those of its producer" }
        guard let codec = header.attributes.codec else { return "its compression codec is unknown" }
        if header.hasProducerID, header.baseSequence < 0 || header.producerEpoch < 0 {
            return "it has a producer id without an epoch or a sequence number"
        }
        if codec == .none, !recordsFit(header, bytes) { return "its records do not fill it" }
        return nil
    }

    /// Whether uncompressed records, by their lengths, are as many as the header says and end where the batch does.
    private static func recordsFit(_ header: RecordBatchHeader, _ bytes: ByteBuffer) -> Bool {
        let span = bytes.readableBytesSpan
        var position = RecordBatchHeader.byteCount
        for _ in 0..<header.recordCount {
            guard let length = readLength(span, &position), length > 0, length <= span.byteCount - position else {
                return false
            }
            position += length
        }
        return position == span.byteCount
    }

    /// A zigzag varint of at most five bytes.
    private static func readLength(_ span: RawSpan, _ position: inout Int) -> Int? {
        var value: UInt32 = 0
        var shift: UInt32 = 0
        while position < span.byteCount, shift < 35 {
            // Unsafe of this is only the type: the place is checked, and any byte is an integer.
            let byte = span.unsafeLoadUnaligned(fromByteOffset: position, as: UInt8.self)
            position += 1
            value |= UInt32(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return Int(Int32(bitPattern: value >> 1) ^ -Int32(bitPattern: value & 1)) }
            shift += 7
        }
        return nil
    }
}
