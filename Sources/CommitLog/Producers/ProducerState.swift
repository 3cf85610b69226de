/// What is remembered of one idempotent producer.
package struct ProducerState: Hashable, Sendable {
    /// The newest epoch seen; a producer that comes with an older one has been replaced.
    package var epoch: Int16
    /// The newest batches, oldest first, at most ``LogLimits/producerBatchesMax``; never empty.
    package var batches: [ProducerBatch]
    /// When the newest batch was appended, in ms since 1970, by the clock of this machine.
    package var lastAppendMilliseconds: Int64
    /// Whether the log lost its end since, and batches of the producer with it. The next one need not follow the newest one
    /// that is known: the batches between are gone and cannot be sent again.
    package var mayMissBatches = false
}

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
