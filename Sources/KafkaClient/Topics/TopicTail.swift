import KafkaTopics
package import Logging
import ServiceLifecycle

/// Reads a topic's records as they come, and hands each on as a line: what `hera topics tail` shows.
///
/// It ends after the number of records asked for, or when it is shut down.
package struct TopicTail: Service {
    package var client: ClientConfiguration
    package let topic: String
    /// Whether it begins with the oldest records instead of the next one.
    package var isFromBeginning = false
    /// After how many records it ends; `nil`: never.
    package var countMax: Int?
    /// How a record is shown.
    package var line = RecordLine()
    /// Takes whole lines, ended by line feeds.
    private let write: @Sendable (_ lines: [UInt8]) throws -> Void
    private let logger: Logger

    package init(
        _ topic: String,
        client: ClientConfiguration,
        logger: Logger,
        write: @escaping @Sendable (_ lines: [UInt8]) throws -> Void
    ) {
        self.topic = topic
        self.client = client
        self.logger = logger
        self.write = write
    }

    /// Reads until there is nothing more to do.
    ///
    /// - Throws: `unknownTopic`, `brokersUnreachable` and what else makes reading impossible; what `write` throws.
    package func run() async throws {
        let partitions = try await withAdmin(client, logger: logger) { admin in
            try await admin.describeTopic(topic).topicPartitions
        }
        let start = isFromBeginning ? StartPosition.beginning : .end
        try await withConsumer(ConsumerConfiguration(client: client), logger: logger) { consumer in
            try await consumer.assign(Dictionary(partitions.map { ($0, start) }) { first, _ in first })
            try await show(consumer.events)
        }
    }

    private func show(_ events: KafkaConsumerEvents) async throws {
        var left = countMax ?? .max
        var lines: [UInt8] = []
        guard left > 0 else { return }
        for try await event in events {
            switch event {
            case .batch(let batch):
                for index in 0..<min(left, batch.count) {
                    batch.withRecord(at: index) { record in
                        line.append(record, partition: batch.topicPartition.partition, to: &lines)
                    }
                    // However long the records of a batch are together, they are not held a second time.
                    if lines.count >= Limits.tailBytes { try flush(&lines) }
                }
                left -= min(left, batch.count)
                try flush(&lines)
                if left == 0 { return }
            case .failed(let error):
                // What heals by itself is not the reader's trouble; anything else it has to know.
                guard error.isRetriable else { throw error }
                logger.warning("reading is interrupted", metadata: [LogKeys.error: "\(error)"])
            case .assigned, .committed, .revoked, .lost, .endOfPartition: break
            }
        }
    }

    private func flush(_ lines: inout [UInt8]) throws {
        guard !lines.isEmpty else { return }
        try write(lines)
        lines.removeAll(keepingCapacity: true)
    }
}
