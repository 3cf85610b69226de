package import KafkaProtocol
package import NIOCore

/// Goes over the records of one uncompressed batch, whose layout is drawn at `RecordCheck`.
package struct RecordIterator: Sendable {
    private struct MalformedRecords: Error {
        let reason: String

        init(_ reason: String) { self.reason = reason }
    }

    /// The header of the batch.
    package let header: RecordBatchHeader
    private var reader: WireReader
    private var recordsLeft: Int32

    /// An iterator over the batch at the reader index of `batch`. The CRC is not checked.
    package init(_ batch: ByteBuffer) throws {
        header = try RecordBatchHeader(batch)
        guard header.attributes.codec == CompressionCodec.none else { throw MalformedRecords("they are compressed") }
        var whole = WireReader(batch)
        _ = try whole.slice(byteCount: RecordBatchHeader.byteCount)
        reader = WireReader(try whole.slice(byteCount: header.totalByteCount - RecordBatchHeader.byteCount))
        recordsLeft = header.recordCount
    }

    /// The next record; `nil` behind the last one.
    package mutating func next() throws -> Record? {
        guard recordsLeft > 0 else {
            try reader.end()
            return nil
        }
        recordsLeft -= 1
        let stated = Int(try reader.varint())
        let start = reader.position
        let record = try readRecord()
        let read = reader.position - start
        guard read == stated else { throw MalformedRecords("a record has \(read) bytes and says \(stated)") }
        return record
    }

    private mutating func readRecord() throws -> Record {
        _ = try reader.integer(Int8.self)
        let timestamp = header.baseTimestamp &+ (try reader.varlong())
        let offset = header.baseOffset &+ Int64(try reader.varint())
        let key = try nullableBytes()
        let value = try nullableBytes()
        let headerCount = Int(try reader.varint())
        guard headerCount >= 0 else { throw MalformedRecords("a record has \(headerCount) headers") }
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

    private mutating func nullableBytes() throws -> ByteBuffer? {
        let count = Int(try reader.varint())
        return count == -1 ? nil : try reader.slice(byteCount: count)
    }
}
