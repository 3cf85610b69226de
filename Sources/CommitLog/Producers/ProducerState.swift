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
