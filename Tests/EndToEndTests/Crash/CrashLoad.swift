import KafkaClient
import KafkaTopics
import Logging
import Synchronization

/// Load that goes on while its ingestor dies and comes back: an idempotent producer for each partition, whose records are
/// numbered from 0, and a group that commits an offset that only grows.
final class CrashLoad: Sendable {
    static let topic = "crashes"
    static let partitions: [Int32] = [0, 1]
    static let group = "survivors"

    private static let recordsOfBatch = 40
    private static let batchesInFlight = 8

    let acknowledged = Acknowledged()
    private let client: ClientConfiguration
    private let isStopping = Atomic(false)
    private let logger = Logger(label: "load") { _ in SwiftLogNoOpLogHandler() }

    init(bootstrap: String) {
        client = ClientConfiguration(
            bootstrap: [bootstrap],
            properties: [
                "reconnect.backoff.ms": "5", "reconnect.backoff.max.ms": "50", "retry.backoff.ms": "10",
                "message.send.max.retries": "100000", "socket.keepalive.enable": "true",
            ],
            whenUnreachable: .keepTrying
        )
    }

    /// Runs until ``stop()``, then waits until everything that was sent is settled.
    ///
    /// - Throws: the error of the first record that failed: no crash of the ingestor is a reason for that. A caller that
    ///   waits for acknowledgements then gets the same error.
    func run() async throws {
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for partition in Self.partitions { group.addTask { try await self.produce(to: partition) } }
                group.addTask { try await self.commit() }
                try await group.waitForAll()
            }
            acknowledged.end()
        } catch {
            acknowledged.end(error)
            throw error
        }
    }

    func stop() {
        isStopping.store(true, ordering: .relaxed)
    }

    private var isRunning: Bool { !isStopping.load(ordering: .relaxed) }

    private func produce(to partition: Int32) async throws {
        var configuration = ProducerConfiguration(client: client)
        configuration.deliveryTimeout = .seconds(120)
        try await withProducer(configuration, logger: logger) { producer in
            var next = 0
            var underway: [(first: Int, delivery: BatchDelivery)] = []
            while self.isRunning || !underway.isEmpty {
                if self.isRunning {
                    var batch = OutgoingBatch(topic: Self.topic)
                    for number in next..<next + Self.recordsOfBatch {
                        batch.append(key: "\(partition)".utf8, value: "\(number)".utf8, partition: partition)
                    }
                    underway.append((next, await producer.enqueue(batch)))
                    next += Self.recordsOfBatch
                }
                guard underway.count >= Self.batchesInFlight || !self.isRunning else { continue }
                let oldest = underway.removeFirst()
                let report = try await oldest.delivery.report()
                if let failure = report.failures.first { throw failure.error }
                self.note(report, first: oldest.first, partition)
            }
        }
    }

    /// Acknowledged records of a batch come in its order.
    private func note(_ report: DeliveryReport, first: Int, _ partition: Int32) {
        for (number, offset) in zip(first..., report.acknowledgements.flatMap { $0.firstOffset...$0.lastOffset }) {
            acknowledged.record(number, of: partition, at: offset)
        }
    }

    private func commit() async throws {
        let configuration = ConsumerConfiguration(client: client, group: Self.group)
        let partition = TopicPartition(topic: Self.topic, partition: 0)
        try await withConsumer(configuration, logger: logger) { consumer in
            var offset: Int64 = 1
            while self.isRunning {
                do {
                    try await consumer.commit([partition: offset])
                    self.acknowledged.commit(offset)
                } catch {
                    // The ingestor was down: whether this one was kept is not known. The next one is greater.
                    try Task.checkCancellation()
                    await Task.yield()
                }
                offset += 1
            }
        }
    }
}
