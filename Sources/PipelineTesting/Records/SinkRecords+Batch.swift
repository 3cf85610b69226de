package import ConnectAPI
package import KafkaTopics

extension SinkRecords {
    /// A batch with these values, nil for a tombstone, at rising offsets from `firstOffset`.
    package static func batch(
        _ values: [String?],
        of partition: TopicPartition = TopicPartition(topic: "utenti", partition: 0),
        firstOffset: Int64 = 0
    ) -> SinkRecords {
        batch(values.map { $0.map { Array($0.utf8) } }, of: partition, firstOffset: firstOffset)
    }

    /// A batch with these values as bytes; each record has `key` and `headers`.
    package static func batch(
        _ values: [[UInt8]?],
        of partition: TopicPartition = TopicPartition(topic: "utenti", partition: 0),
        firstOffset: Int64 = 0,
        key: String? = nil,
        headers: [RecordHeader] = []
    ) -> SinkRecords {
        var builder = SinkRecordsBuilder(partition: partition, firstOffset: firstOffset)
        for (index, value) in values.enumerated() {
            let offset = firstOffset + Int64(index)
            withBytes(key.map { Array($0.utf8) }) { key in
                withBytes(value) { value in
                    _ = builder.append(
                        offset: offset,
                        timestamp: Timestamp(milliseconds: 1_000 + offset),
                        key: key,
                        value: value,
                        headers: headers
                    )
                }
            }
        }
        return builder.finish()
    }

    private static func withBytes(_ bytes: [UInt8]?, _ body: (UnsafeRawBufferPointer?) -> Void) {
        guard let bytes else { return body(nil) }
        bytes.withUnsafeBytes(body)
    }
}

extension SinkRecords {
    /// Whether records and skipped offsets are in order and cover the batch's offsets without gap or overlap.
    package var explainsEveryOffset: Bool {
        var next = firstOffset
        var skips = skipped[...]
        for offset in offsets {
            while let skip = skips.first, skip.offsets.lowerBound == next, !skip.offsets.isEmpty {
                next = skip.offsets.upperBound
                skips = skips.dropFirst()
            }
            guard offset == next else { return false }
            next += 1
        }
        for skip in skips {
            guard skip.offsets.lowerBound == next else { return false }
            next = skip.offsets.upperBound
        }
        return next == nextOffset
    }
}
