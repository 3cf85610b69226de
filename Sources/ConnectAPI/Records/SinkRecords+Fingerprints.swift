import Checksums
package import KafkaTopics

extension SinkRecords {
    /// The columns as they came from Kafka.
    ///
    /// They share their memory with the batch's own columns until records are removed. The arena keeps the bytes of
    /// removed records, and a value's checksum is taken before the value is changed in place.
    struct Received: Sendable {
        let offsets: [Int64]
        let timestamps: [Timestamp]
        let keyRanges: [ByteRange]
        let valueRanges: [ByteRange]
        /// The checksums of records whose values were changed, by their offsets.
        var checksums: [Int64: String] = [:]
    }

    /// The fingerprint of the last record that came from Kafka below `offset`, also where it was filtered or set aside
    /// since; `nil` where the batch has none there.
    package func fingerprint(ofLastRecordBefore offset: Int64) -> RecordFingerprint? {
        var low = 0
        var high = received.offsets.count
        while low < high {
            let middle = (low + high) / 2
            if received.offsets[middle] < offset { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return nil }
        let index = low - 1
        return RecordFingerprint(
            offset: received.offsets[index],
            timestamp: received.timestamps[index].milliseconds,
            checksum: received.checksums[received.offsets[index]] ?? checksum(ofReceived: index)
        )
    }

    /// Keeps the checksum of the record at `index`, whose value is about to be changed in place.
    package mutating func valueWillChange(at index: Int) {
        let offset = offsets[index]
        guard received.checksums[offset] == nil else { return }
        received.checksums[offset] = checksum(keyRanges[index], valueRanges[index])
    }

    private func checksum(ofReceived index: Int) -> String {
        checksum(received.keyRanges[index], received.valueRanges[index])
    }

    private func checksum(_ key: ByteRange, _ value: ByteRange) -> String {
        keys.withUnsafeBytes { keys in
            values.withUnsafeBytes { values in
                RecordFingerprint.checksum(
                    key: key.range.map { UnsafeRawBufferPointer(rebasing: keys[$0]) },
                    value: value.range.map { UnsafeRawBufferPointer(rebasing: values[$0]) }
                ).digits
            }
        }
    }
}

extension RecordFingerprint {
    /// The fingerprint of the record at `offset` with this key and value, unconverted.
    package init(
        offset: Int64,
        timestamp: Timestamp,
        key: UnsafeRawBufferPointer?,
        value: UnsafeRawBufferPointer?
    ) {
        self.init(
            offset: offset,
            timestamp: timestamp.milliseconds,
            checksum: Self.checksum(key: key, value: value).digits
        )
    }

    static func checksum(key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?) -> CRC32C {
        var checksum = CRC32C()
        for part in [key, value] {
            withUnsafeBytes(of: Int32(part?.count ?? -1).bigEndian) { checksum.update($0) }
            if let part { checksum.update(part) }
        }
        return checksum
    }
}
