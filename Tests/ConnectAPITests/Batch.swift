import ConnectAPI
import KafkaTopics

/// A batch of `utenti-0` with these values, nil for a tombstone, at rising offsets from `firstOffset`.
func batch(_ values: [String?], firstOffset: Int64 = 0) -> SinkRecords {
    var builder = SinkRecordsBuilder(
        partition: TopicPartition(topic: "utenti", partition: 0),
        firstOffset: firstOffset
    )
    for (index, value) in values.enumerated() {
        builder.append(value, offset: firstOffset + Int64(index))
    }
    return builder.finish()
}

extension SinkRecordsBuilder {
    /// Appends a record whose key is its offset.
    mutating func append(_ value: String?, offset: Int64) {
        let key = Array(String(offset).utf8)
        key.withUnsafeBytes { keyBytes in
            guard let value else {
                append(offset: offset, timestamp: Timestamp(milliseconds: offset), key: keyBytes, value: nil)
                return
            }
            _ = Array(value.utf8).withUnsafeBytes { valueBytes in
                append(offset: offset, timestamp: Timestamp(milliseconds: offset), key: keyBytes, value: valueBytes)
            }
        }
    }
}

extension SinkRecords {
    /// Takes out the record at `offset`.
    mutating func remove(offset: Int64, _ reason: SkippedOffsets.Reason) {
        removeRecords(at: offsets.indices.filter { offsets[$0] == offset }, reason)
    }

    /// The lines of `records`, as a file would get them, one string a stretch of memory.
    func runs(in records: Range<Int>) -> [String] {
        var runs: [String] = []
        forEachRunOfLines(in: records) { runs.append(String(decoding: $0, as: UTF8.self)) }
        return runs
    }
}
