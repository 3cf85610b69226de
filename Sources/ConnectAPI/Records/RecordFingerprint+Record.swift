import Checksums
package import KafkaTopics

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
