import Checksums
package import KafkaProtocol
package import KafkaTopics
package import NIOCore

/// Makes a record batch; the layouts are drawn at `RecordBatchHeader` and `RecordCheck`.
package struct RecordBatchBuilder: Sendable {
    package var baseOffset: Int64 = 0
    package var partitionLeaderEpoch: Int32 = -1
    package var producerID: Int64 = -1
    package var producerEpoch: Int16 = -1
    package var baseSequence: Int32 = -1
    package var timestampType = TimestampType.createTime
    package var isTransactional = false
    private var records = WireWriter()
    private var recordCount: Int32 = 0
    private var baseTimestamp: Int64 = -1
    private var maxTimestamp: Int64 = -1

    package init() {}

    /// Appends a record; its offset is the next one of the batch.
    package mutating func append(
        key: ByteBuffer?,
        value: ByteBuffer?,
        timestamp: Int64,
        headers: [RecordHeader] = []
    ) {
        if recordCount == 0 { baseTimestamp = timestamp }
        maxTimestamp = max(maxTimestamp, timestamp)
        var body = WireWriter()
        body.integer(Int8(0))
        body.varlong(timestamp &- baseTimestamp)
        body.varlong(Int64(recordCount))
        body.recordBytes(key)
        body.recordBytes(value)
        body.varlong(Int64(headers.count))
        for header in headers {
            body.recordBytes(ByteBuffer(string: header.name))
            body.recordBytes(header.value.map { ByteBuffer(bytes: $0) })
        }
        records.recordBytes(body.buffer)
        recordCount += 1
    }

    /// Appends a record of two texts.
    package mutating func append(key: String?, value: String?, timestamp: Int64) {
        append(
            key: key.map { ByteBuffer(string: $0) },
            value: value.map { ByteBuffer(string: $0) },
            timestamp: timestamp
        )
    }

    /// The batch of what was appended, with its CRC.
    package func build() -> ByteBuffer {
        build(records: records.buffer, codec: .none)
    }

    /// The same batch with `records` in the place of what was appended: those records compressed by `codec`.
    package func build(records: ByteBuffer, codec: CompressionCodec) -> ByteBuffer {
        var checksummed = ByteBuffer()
        let attributes = RecordBatchAttributes(
            codec: codec,
            timestampType: timestampType,
            isTransactional: isTransactional
        )
        checksummed.writeInteger(attributes.rawValue)
        checksummed.writeInteger(recordCount - 1)
        checksummed.writeInteger(baseTimestamp)
        checksummed.writeInteger(maxTimestamp)
        checksummed.writeInteger(producerID)
        checksummed.writeInteger(producerEpoch)
        checksummed.writeInteger(baseSequence)
        checksummed.writeInteger(recordCount)
        checksummed.writeImmutableBuffer(records)
        var batch = ByteBuffer()
        batch.writeInteger(baseOffset)
        batch.writeInteger(
            Int32(RecordBatchHeader.checksummedFrom - RecordBatchHeader.prefixByteCount + checksummed.readableBytes)
        )
        batch.writeInteger(partitionLeaderEpoch)
        batch.writeInteger(Int8(2))
        batch.writeInteger(CRC32C.checksum(of: checksummed.readableBytesSpan))
        batch.writeImmutableBuffer(checksummed)
        return batch
    }
}

extension WireWriter {
    /// Bytes in the form that records have them: their length as a varint, -1 is null.
    fileprivate mutating func recordBytes(_ bytes: ByteBuffer?) {
        varlong(Int64(bytes?.readableBytes ?? -1))
        if let bytes { append(bytes) }
    }
}
