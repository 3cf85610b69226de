package import NIOCore

/// Goes over the records of one uncompressed batch.
///
///     varint   the bytes of the record behind this field
///     int8     attributes, none in use
///     varlong  timestamp less the batch's base timestamp
///     varint   offset less the batch's base offset
///     varint   length of the key, -1 is null      then the key
///     varint   length of the value, -1 is null    then the value
///     varint   number of headers, then each: varint length of its key, the key,
///              varint length of its value, -1 is null, the value
package struct RecordIterator: Sendable {
    /// The header of the batch.
    package let header: RecordBatchHeader
    private var reader: WireReader
    private var recordsLeft: Int32

    /// An iterator over the batch at the reader index of `batch`. The CRC is not looked at: see
    /// ``RecordBatchHeader/verify(_:)``.
    package init(_ batch: ByteBuffer) throws(DecodeError) {
        header = try RecordBatchHeader(batch)
        guard header.attributes.codec == CompressionCodec.none else {
            throw DecodeError(.compressed(codec: header.attributes.rawValue & 0x07), at: 21)
        }
        guard batch.readableBytes >= header.totalByteCount else {
            throw DecodeError(.batchLength(header.totalByteCount, available: batch.readableBytes), at: 8)
        }
        var whole = WireReader(batch)
        _ = try whole.slice(byteCount: RecordBatchHeader.byteCount)
        reader = WireReader(try whole.slice(byteCount: header.totalByteCount - RecordBatchHeader.byteCount))
        recordsLeft = header.recordCount
    }

    /// The next record; `nil` behind the last one.
    package mutating func next() throws(DecodeError) -> Record? {
        guard recordsLeft > 0 else {
            try reader.end()
            return nil
        }
        recordsLeft -= 1
        let stated = Int(try reader.varint())
        let start = reader.position
        let record = try readRecord()
        let read = reader.position - start
        guard read == stated else { throw reader.error(.recordLength(stated: stated, read: read)) }
        return record
    }

    private mutating func readRecord() throws(DecodeError) -> Record {
        _ = try reader.integer(Int8.self)
        let timestamp = header.baseTimestamp &+ (try reader.varlong())
        let offset = header.baseOffset &+ Int64(try reader.varint())
        let key = try nullableBytes()
        let value = try nullableBytes()
        let headerCount = Int(try reader.varint())
        guard headerCount >= 0 else { throw reader.error(.invalidLength(headerCount)) }
        guard headerCount <= Limits.headersPerRecordMax else {
            throw reader.error(.tooManyElements(count: headerCount, limit: Limits.headersPerRecordMax))
        }
        var headers: [Record.Header] = []
        for _ in 0..<headerCount {
            // Kafka does not ask whether it is UTF-8, so a log may hold one that is not.
            let key = String(buffer: try reader.slice(byteCount: Int(try reader.varint())))
            headers.append(Record.Header(key: key, value: try nullableBytes()))
        }
        let isAppendTime = header.attributes.timestampType == .logAppendTime
        return Record(
            offset: offset,
            timestamp: isAppendTime ? header.maxTimestamp : timestamp,
            key: key,
            value: value,
            headers: headers
        )
    }

    private mutating func nullableBytes() throws(DecodeError) -> ByteBuffer? {
        let count = Int(try reader.varint())
        return count == -1 ? nil : try reader.slice(byteCount: count)
    }
}
