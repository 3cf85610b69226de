/// Tells a record from any other that could have its offset: a topic that was created again, or a log that lost its end
/// and assigned the offset a second time, has another record there.
package struct RecordFingerprint: Hashable, Sendable, Codable {
    package let offset: Int64

    /// The timestamp that Kafka holds, in milliseconds; -1 where it holds none.
    package let timestamp: Int64

    /// 8 hexadecimal digits: CRC-32C over the key's length, the key, the value's length and the value, as Kafka holds
    /// them. Lengths are 32 bits wide and big-endian; null has the length -1 and no bytes.
    package let checksum: String

    package init(offset: Int64, timestamp: Int64, checksum: String) {
        self.offset = offset
        self.timestamp = timestamp
        self.checksum = checksum
    }
}
