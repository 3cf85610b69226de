package import KafkaProtocol
package import KafkaTopics
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

    /// The next record; `nil` after the last one.
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
        guard read == stated else { throw MalformedRecords("a record has \(read) bytes and states \(stated)") }
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
        var headers: [RecordHeader] = []
        for _ in 0..<headerCount {
            // Kafka does not ask whether it is UTF-8, so a log may hold one that is not.
            let name = String(buffer: try reader.slice(byteCount: Int(try reader.varint())))
            headers.append(RecordHeader(name: name, value: try nullableBytes().map { Array($0.readableBytesView) }))
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

/// One record, as a consumer sees it. Its bytes share the storage of the batch it was read from.
package struct Record: Sendable, Equatable {
    /// The place in the partition.
    package var offset: Int64
    /// Milliseconds since 1970; -1 where there is none.
    package var timestamp: Int64
    /// What records are partitioned and compacted by.
    package var key: ByteBuffer?
    /// What is recorded; `nil` is a tombstone.
    package var value: ByteBuffer?
    /// In the order of the producer.
    package var headers: [RecordHeader]

    package init(
        offset: Int64 = 0,
        timestamp: Int64,
        key: ByteBuffer?,
        value: ByteBuffer?,
        headers: [RecordHeader] = []
    ) {
        self.offset = offset
        self.timestamp = timestamp
        self.key = key
        self.value = value
        self.headers = headers
    }
}
