/// A consumer's events as a sequence; one task iterates it.
///
/// It ends when the consumer is shut down, with its partitions given up, or when the task is cancelled. It throws what
/// the consumer cannot ride out.
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
