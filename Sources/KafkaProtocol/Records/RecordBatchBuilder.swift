import Checksums
package import NIOCore

/// Makes an uncompressed record batch; the layouts are drawn at ``RecordBatchHeader`` and ``RecordIterator``.
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
        headers: [Record.Header] = []
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
            body.recordBytes(ByteBuffer(string: header.key))
            body.recordBytes(header.value)
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

    /// A control batch without records for offsets that no record has: every client goes on behind it. For an ordinary
    /// one, as Kafka's compaction leaves them, librdkafka would double its fetch size, and a record in a control batch is
    /// handed out by kafka-python 2.0.2. It has no timestamp, so that no lookup by time finds it.
    package static func withoutRecords(
        baseOffset: Int64,
        lastOffsetDelta: Int32,
        leaderEpoch: Int32
    ) -> ByteBuffer {
        var checksummed = ByteBuffer()
        checksummed.writeInteger(RecordBatchAttributes(isControl: true).rawValue)
        checksummed.writeInteger(lastOffsetDelta)
        let none = (timestamp: Int64(-1), producerID: Int64(-1), epoch: Int16(-1), sequence: Int32(-1))
        checksummed.writeMultipleIntegers(none.timestamp, none.timestamp, none.producerID)
        checksummed.writeMultipleIntegers(none.epoch, none.sequence, Int32(0))
        return framed(checksummed, baseOffset: baseOffset, leaderEpoch: leaderEpoch)
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
        return Self.framed(checksummed, baseOffset: baseOffset, leaderEpoch: partitionLeaderEpoch)
    }

    /// The batch with these bytes behind its CRC.
    private static func framed(_ checksummed: ByteBuffer, baseOffset: Int64, leaderEpoch: Int32) -> ByteBuffer {
        var batch = ByteBuffer()
        batch.writeInteger(baseOffset)
        batch.writeInteger(
            Int32(RecordBatchHeader.checksummedFrom - RecordBatchHeader.prefixByteCount + checksummed.readableBytes)
        )
        batch.writeInteger(leaderEpoch)
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
