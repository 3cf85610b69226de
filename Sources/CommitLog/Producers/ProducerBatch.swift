/// A batch of an idempotent producer, as far as duplicates of it are recognised by it.
package struct ProducerBatch: Hashable, Sendable {
    /// The sequence number of its first record.
    package let baseSequence: Int32
    /// The sequence number of its last record; less than the first one where the numbers went on at 0.
    package let lastSequence: Int32
    /// The offset that the log gave its first record.
    package let baseOffset: Int64
    /// The offset of its last record.
    package let lastOffset: Int64
}
