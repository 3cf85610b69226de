import KafkaTopics
import Logging
import ServiceLifecycle
import Testing

@testable import KafkaClient

/// A member of a consumer group that commits every batch before it asks for the next event.
final class Member: Sendable {
    private let configuration: ConsumerConfiguration
    private let read: Shared<[String]>
    private let happened: AsyncStream<Void>.Continuation
    private let logger: Logger
    private let consumer = Shared<KafkaConsumer?>(nil)
    private let partitions = Shared(0)

    /// - Parameters:
    ///   - read: where the values go that it reads.
    ///   - happened: told after everything that happens.
    init(
        configuration: ConsumerConfiguration,
        read: Shared<[String]>,
        happened: AsyncStream<Void>.Continuation,
        logger: Logger
    ) {
        self.configuration = configuration
        self.read = read
        self.happened = happened
        self.logger = logger
    }

    /// How many partitions it has now.
    var owned: Int { partitions.withLock { $0 } }

    func shutDown() { consumer.withLock { $0 }?.shutDown() }

    /// Reads until it is shut down.
    func run(_ topic: String) async throws {
        try await withConsumer(configuration, logger: logger) { consumer in
            self.consumer.withLock { $0 = consumer }
            try await consumer.subscribe([topic])
            for try await event in consumer.events {
                switch event {
                case .batch(let batch):
                    try await consumer.commit([batch.topicPartition: batch.nextOffset])
                    let values = batch.copies().map { String(decoding: $0.value ?? [], as: UTF8.self) }
                    read.withLock { $0 += values }
                case .failed(let error) where !error.isRetriable: throw error
                case .lost(let partitions): Issue.record("lost \(partitions)")
                case .assigned(let more): partitions.withLock { $0 += more.count }
                case .revoked(let less): partitions.withLock { $0 -= less.count }
                case .endOfPartition, .committed, .failed: break
                }
                happened.yield()
            }
        }
        happened.yield()
    }
}

/// A service that reads a topic until it is stopped.
struct Reader: Service {
    let configuration: ConsumerConfiguration
    let topic: String
    let logger: Logger
    let reads = AsyncStream<Void>.makeStream()
    let revoked = Shared(0)

    func run() async throws {
        try await withConsumer(configuration, logger: logger) { consumer in
            try await consumer.subscribe([topic])
            for try await event in consumer.events {
                switch event {
                case .batch: reads.continuation.yield()
                case .revoked(let partitions): revoked.withLock { $0 += partitions.count }
                default: break
                }
            }
        }
    }
}

extension ConsumedBatch {
    /// Copies of all records.
    func copies() -> [KafkaRecord] {
        var copies: [KafkaRecord] = []
        forEachRecord { record in
            copies.append(
                KafkaRecord(
                    topic: topicPartition.topic,
                    partition: topicPartition.partition,
                    key: record.key.map { Array($0) },
                    value: record.value.map { Array($0) },
                    headers: record.headers(),
                    timestamp: record.timestamp.milliseconds
                )
            )
        }
        return copies
    }

    /// The values that are numbers.
    var numbers: [Int] { copies().compactMap { Int(String(decoding: $0.value ?? [], as: UTF8.self)) } }
}
