import KafkaTopics
import Logging
import ServiceLifecycle

@testable import KafkaClient

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
