package import KafkaTopics

/// Gathers a batch of `SinkRecords` from records as they come from Kafka, and notes the offsets between them that
/// have no record.
package struct SinkRecordsBuilder: Sendable {
    package let partition: TopicPartition
    /// The first offset that Kafka still has, as far as that is known: retention took what is missing before it.
    package var earliest: Int64 = 0
    private let firstOffset: Int64
    private var nextOffset: Int64
    private var offsets: [Int64] = []
    private var timestamps: [Timestamp] = []
    private var keyRanges: [ByteRange] = []
    private var valueRanges: [ByteRange] = []
    private var headers: [Int64: [RecordHeader]] = [:]
    private var skipped: [SkippedOffsets] = []
    private var keys: [UInt8] = []
    private var values: [UInt8] = []

    /// Begins a batch of `partition` at `firstOffset`, with room for `recordCapacity` records whose keys and values have
    /// these many bytes in all.
    package init(
        partition: TopicPartition,
        firstOffset: Int64,
        recordCapacity: Int = 0,
        keyByteCapacity: Int = 0,
        valueByteCapacity: Int = 0
    ) {
        self.partition = partition
        self.firstOffset = firstOffset
        self.nextOffset = firstOffset
        offsets.reserveCapacity(recordCapacity)
        timestamps.reserveCapacity(recordCapacity)
        keyRanges.reserveCapacity(recordCapacity)
        valueRanges.reserveCapacity(recordCapacity)
        keys.reserveCapacity(keyByteCapacity)
        values.reserveCapacity(valueByteCapacity + recordCapacity + SinkRecords.paddingBytes)
    }

    /// How many records were appended.
    package var count: Int { offsets.count }

    /// Notes that the offsets up to `offset` have no record, for `reason`. An offset already passed changes nothing.
    package mutating func skip(to offset: Int64, _ reason: SkippedOffsets.Reason) {
        guard offset > nextOffset else { return }
        if let last = skipped.last, last.reason == reason, last.offsets.upperBound == nextOffset {
            skipped[skipped.count - 1] = SkippedOffsets(last.offsets.lowerBound..<offset, reason)
        } else {
            skipped.append(SkippedOffsets(nextOffset..<offset, reason))
        }
        nextOffset = offset
    }

    /// Appends the record at `offset`; offsets before it that were not appended are `lost` if they lie before
    /// `earliest`, and `absent` else. A record whose offset was already passed is left out: Kafka delivers a record
    /// again after a seek.
    ///
    /// - Returns: whether it was appended.
    @discardableResult
    package mutating func append(
        offset: Int64,
        timestamp: Timestamp,
        key: UnsafeRawBufferPointer?,
        value: UnsafeRawBufferPointer?,
        headers: [RecordHeader] = []
    ) -> Bool {
        guard offset >= nextOffset else { return false }
        skip(to: min(offset, earliest), .lost)
        skip(to: offset, .absent)
        nextOffset = offset + 1
        offsets.append(offset)
        timestamps.append(timestamp)
        keyRanges.append(Self.append(key, to: &keys))
        valueRanges.append(Self.append(value, to: &values))
        if value != nil {
            values.append(UInt8(ascii: "\n"))
        }
        if !headers.isEmpty {
            self.headers[offset] = headers
        }
        return true
    }

    /// The batch. What was gathered is handed over.
    package consuming func finish() -> SinkRecords {
        values.append(contentsOf: repeatElement(0, count: SinkRecords.paddingBytes))
        return SinkRecords(
            partition: partition,
            firstOffset: firstOffset,
            nextOffset: nextOffset,
            offsets: offsets,
            timestamps: timestamps,
            keyRanges: keyRanges,
            valueRanges: valueRanges,
            headers: headers,
            skipped: skipped,
            keys: keys,
            values: values,
            received: SinkRecords.Received(
                offsets: offsets,
                timestamps: timestamps,
                keyRanges: keyRanges,
                valueRanges: valueRanges
            )
        )
    }

    private static func append(_ bytes: UnsafeRawBufferPointer?, to arena: inout [UInt8]) -> ByteRange {
        guard let bytes else { return .null }
        let start = arena.count
        precondition(start + bytes.count < SinkRecords.arenaBytesMax, "a batch holds at most 2 GiB of values")
        arena.append(contentsOf: bytes)
        return ByteRange(start..<arena.count)
    }
}
