package import KafkaTopics

/// Gathers a batch of `SinkRecords` from records as they come from Kafka, and notes the offsets between them that
/// have no record.
package struct SinkRecordsBuilder: Sendable {
    package let partition: TopicPartition
    /// The first offset that Kafka still has, as far as that is known: retention took what is missing before it.
    package var earliest: Int64 = 0
    private let firstOffset: Int64
    private var nextOffset: Int64
    private var columns = Columns()
    private var skipped: [SkippedOffsets] = []

    /// What a batch is made of, one entry a record; see `SinkRecords`.
    struct Columns: Sendable {
        var offsets: [Int64] = []
        var timestamps: [Timestamp] = []
        var keyRanges: [ByteRange] = []
        var valueRanges: [ByteRange] = []
        var headers: [Int64: [RecordHeader]] = [:]
        var keys: [UInt8] = []
        var values: [UInt8] = []
    }

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
        columns.offsets.reserveCapacity(recordCapacity)
        columns.timestamps.reserveCapacity(recordCapacity)
        columns.keyRanges.reserveCapacity(recordCapacity)
        columns.valueRanges.reserveCapacity(recordCapacity)
        columns.keys.reserveCapacity(keyByteCapacity)
        columns.values.reserveCapacity(valueByteCapacity + recordCapacity + SinkRecords.paddingBytes)
    }

    /// How many records were appended.
    package var count: Int { columns.offsets.count }

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
        columns.offsets.append(offset)
        columns.timestamps.append(timestamp)
        columns.keyRanges.append(Self.append(key, to: &columns.keys))
        columns.valueRanges.append(Self.append(value, to: &columns.values))
        if value != nil {
            columns.values.append(UInt8(ascii: "\n"))
        }
        if !headers.isEmpty {
            columns.headers[offset] = headers
        }
        return true
    }

    /// The batch. What was gathered is handed over.
    package consuming func finish() -> SinkRecords {
        columns.values.append(contentsOf: repeatElement(0, count: SinkRecords.paddingBytes))
        return SinkRecords(
            partition: partition,
            offsets: firstOffset..<nextOffset,
            columns: columns,
            skipped: skipped
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
