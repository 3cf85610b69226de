package import KafkaClient
package import KafkaTopics
package import Logging

/// Reads stretches of partitions, for those who have to look at records themselves.
package struct TopicReader: Sendable {
    /// How long nothing may come as long as something is to be read.
    package static let silenceMax = Duration.seconds(10)

    private let client: ClientConfiguration
    private let silenceMax: Duration
    private let logger: Logger

    package init(client: ClientConfiguration, silenceMax: Duration = Self.silenceMax, logger: Logger) {
        self.client = client
        self.silenceMax = silenceMax
        self.logger = logger
    }

    /// Lends the records of each partition within its range of offsets, each partition's in order.
    ///
    /// - Throws: `KafkaClientError`, with the code `timedOut` where nothing came for too long; `CancellationError` where
    ///   the caller is cancelled or shut down.
    package func read(
        _ ranges: [TopicPartition: Range<Int64>],
        _ body: (TopicPartition, borrowing ConsumedRecord) -> Void
    ) async throws {
        do {
            try await readOpen(OpenRanges(ranges), body)
        } catch let error as KafkaClientError where error.code == .cancelled {
            throw CancellationError()
        }
    }

    private func readOpen(
        _ ranges: OpenRanges,
        _ body: (TopicPartition, borrowing ConsumedRecord) -> Void
    ) async throws {
        var open = ranges
        guard !open.isDone else { return }
        var configuration = ConsumerConfiguration(client: client)
        configuration.reportsEndOfPartition = true
        try await withConsumer(configuration, logger: logger) { consumer in
            try await consumer.assign(open.starts.mapValues { .offset($0) })
            var deadline = ContinuousClock.now.advanced(by: silenceMax)
            while !open.isDone {
                switch try await consumer.nextEvent(until: deadline) {
                case .event(.batch(let batch)):
                    batch.forEachRecord { record in
                        if open.contains(batch.topicPartition, record.offset) { body(batch.topicPartition, record) }
                    }
                    open.passed(batch.topicPartition, upTo: batch.nextOffset)
                    deadline = .now.advanced(by: silenceMax)
                case .event(.endOfPartition(let partition, let offset)):
                    open.passed(partition, upTo: offset)
                case .event(.failed(let error)) where error.isFatal: throw error
                // A failure that is repeated without end is silence as well.
                case .event: continue
                case .deadline: throw open.silence(for: silenceMax)
                case .end: throw CancellationError()
                }
            }
        }
    }
}
