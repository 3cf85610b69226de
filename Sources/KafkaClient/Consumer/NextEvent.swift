/// What came of waiting for a consumer's next event.
package enum NextEvent: Sendable {
    case event(KafkaConsumerEvent)
    /// The deadline has come, or the wait was interrupted, and there was no event.
    case deadline
    /// The consumer is shut down and its partitions are given up, or the task is cancelled.
    case end
}
