import KafkaClient
import KafkaTopics
import Logging

/// Reads stretches of partitions, for those who have to look at records themselves.
struct TopicReader: Sendable {
    /// How long no record may come before the rest counts as gone: aborted, compacted, or removed meanwhile.
    static let silenceMax = Duration.seconds(10)

    let client: ClientConfiguration
    let logger: Logger

    /// Lends the records of each partition within its range of offsets, each partition's in order.
    func read(
        _ ranges: [TopicPartition: Range<Int64>],
        _ body: (TopicPartition, borrowing ConsumedRecord) -> Void
    ) async throws {
        var open = ranges.filter { !$0.value.isEmpty }
        guard !open.isEmpty else { return }
        var configuration = ConsumerConfiguration(client: client)
        configuration.reportsEndOfPartition = true
        try await withConsumer(configuration, logger: logger) { consumer in
            try await consumer.assign(open.mapValues { .offset($0.lowerBound) })
            while !open.isEmpty {
                switch try await consumer.nextEvent(until: .now.advanced(by: Self.silenceMax)) {
                case .event(.batch(let batch)):
                    guard let range = open[batch.topicPartition] else { continue }
                    batch.forEachRecord { record in
                        if range.contains(record.offset) { body(batch.topicPartition, record) }
                    }
                    if batch.nextOffset >= range.upperBound { open[batch.topicPartition] = nil }
                case .event(.endOfPartition(let partition, let offset)):
                    if let range = open[partition], offset >= range.upperBound { open[partition] = nil }
                case .event(.failed(let error)) where error.isFatal: throw error
                case .event: continue
                case .deadline, .end: return
                }
            }
        }
    }
}
