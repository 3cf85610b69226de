import ConnectAPI
import KafkaTopics

/// A batch with these values, nil for a tombstone, at rising offsets from `firstOffset`.
func batch(
    _ values: [String?],
    of partition: TopicPartition = TopicPartition(topic: "utenti", partition: 0),
    firstOffset: Int64 = 0
) -> SinkRecords {
    batch(values.map { $0.map { Array($0.utf8) } }, of: partition, firstOffset: firstOffset)
}

func batch(
    _ values: [[UInt8]?],
    of partition: TopicPartition = TopicPartition(topic: "utenti", partition: 0),
    firstOffset: Int64 = 0
) -> SinkRecords {
    var builder = SinkRecordsBuilder(partition: partition, firstOffset: firstOffset)
    for (index, value) in values.enumerated() {
        let offset = firstOffset + Int64(index)
        let moment = Timestamp(milliseconds: 1_000 + offset)
        guard let value else {
            builder.append(offset: offset, timestamp: moment, key: nil, value: nil)
            continue
        }
        value.withUnsafeBytes { bytes in
            _ = builder.append(offset: offset, timestamp: moment, key: nil, value: bytes)
        }
    }
    return builder.finish()
}
