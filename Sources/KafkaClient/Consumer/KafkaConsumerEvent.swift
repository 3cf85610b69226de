package import KafkaTopics

/// An event of a consumer.
///
/// An event is finished when the receiver asks for the next one: until then a rebalance waits.
package enum KafkaConsumerEvent: Sendable {
    /// Consecutive records of one partition, lent from librdkafka's memory.
    case batch(ConsumedBatch)
    /// The partitions are this member's now. Before it asks for the next event the receiver may say where each starts
    /// (`KafkaConsumer.start(_:at:)`); otherwise the committed offset counts.
    case assigned([TopicPartition])
    /// The partitions go to others once the receiver asks for the next event: finish and commit them first.
    case revoked([TopicPartition])
    /// The partitions belong to other members already: drop what is unfinished, commits would be refused.
    case lost([TopicPartition])
    /// Everything that was in the partition is read; the offset is that of the next record to come.
    case endOfPartition(TopicPartition, offset: Int64)
    /// The answer to `beginCommit`: the group has these offsets, or why it has not taken them.
    case committed([TopicPartition: Int64], KafkaClientError?)
    /// An error from which the consumer recovers by itself, with the partition where it concerns one.
    case failed(KafkaClientError)
}

/// A consumer's events as a sequence; one task iterates it.
///
/// It ends when the consumer is shut down, with its partitions given up, or when the task is cancelled. It throws what
/// the consumer cannot recover from.
package struct KafkaConsumerEvents: AsyncSequence, Sendable {
    package typealias Element = KafkaConsumerEvent
    package typealias Failure = KafkaClientError

    let consumer: KafkaConsumer

    package func makeAsyncIterator() -> Iterator { Iterator(consumer: consumer) }

    package struct Iterator: AsyncIteratorProtocol {
        let consumer: KafkaConsumer

        package mutating func next() async throws(KafkaClientError) -> KafkaConsumerEvent? {
            try await consumer.nextEvent()
        }

        package mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(KafkaClientError) -> KafkaConsumerEvent? {
            try await consumer.nextEvent()
        }
    }
}

/// What came of waiting for a consumer's next event.
package enum NextEvent: Sendable {
    case event(KafkaConsumerEvent)
    /// The deadline has come, or the wait was interrupted, and there was no event.
    case deadline
    /// The consumer is shut down and its partitions are given up, or the task is cancelled.
    case end
}
