import ConnectAPI
package import KafkaTopics

/// What reading a partition's records found.
package struct ContentEvidence: Sendable {
    package let partition: TopicPartition
    /// What the topic holds where commits explain its offsets; `nil` where that was not compared.
    package var digest: TopicDigest?
    /// The offsets that were read.
    package var read: Range<Int64>
    /// Why it was not read to its end; `nil` where it was.
    package var obstacle: String?
    /// How many records were seen that are not filed yet.
    package private(set) var inFlight: Int64 = 0
    /// The offset of the first of them.
    package private(set) var firstInFlight: Int64?
    /// Its timestamp, in milliseconds since 1970; `nil` where it has none.
    package private(set) var firstTimestamp: Int64?

    /// The record at the offset of the last one that is explained; `nil` where Kafka has none there.
    package var fingerprint: RecordFingerprint?

    package init(partition: TopicPartition, digest: TopicDigest?, read: Range<Int64>) {
        self.partition = partition
        self.digest = digest
        self.read = read
    }

    /// Notes a record that is not filed yet; they come in order.
    package mutating func sawInFlight(offset: Int64, timestamp: Int64?) {
        if firstInFlight == nil {
            firstInFlight = offset
            firstTimestamp = timestamp
        }
        inFlight += 1
    }
}
