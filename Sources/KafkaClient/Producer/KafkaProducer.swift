import CRdKafka
import KafkaTopics
package import Logging
import ServiceLifecycle
import Synchronization

/// Sends records to a Kafka cluster, and tells what became of each.
///
/// Two ways: `send(_:)` for single records, `enqueue(_:)` for batches in one buffer. Both wait while as many records
/// are on their way as the configuration allows. `run()` takes the delivery reports; without it nothing is ever
/// acknowledged. On graceful shutdown it sends what it has (bounded by the delivery timeout) and ends; on cancellation
/// it drops what it has, and every open report says which records were not acknowledged.
package final class KafkaProducer: Service {
    let handle: ClientHandle
    let topics: ProducerTopics
    let state: Mutex<ProducerState>
    let logger: Logger
    /// Whether a broker answers, and so says where a record was written.
    let tellsOffsets: Bool
    /// How many bytes of values librdkafka's queue holds.
    let queueBytesMax: Int

    /// Makes a producer; it connects when it has something to send.
    ///
    /// - Throws: `badConfiguration`.
    package init(_ configuration: ProducerConfiguration, logger: Logger) throws(KafkaClientError) {
        let events = ClientEvents(configuration: configuration.client, logger: logger)
        state = Mutex(ProducerState(events: events))
        self.logger = logger
        handle = try ClientHandle(
            type: RD_KAFKA_PRODUCER,
            properties: try configuration.properties(),
            events: RD_KAFKA_EVENT_DR,
            configuration: configuration.client,
            doing: "make a Kafka producer"
        )
        topics = ProducerTopics(handle)
        tellsOffsets = handle.number("acks") != 0
        queueBytesMax = (handle.number("queue.buffering.max.kbytes") ?? Limits.producerKilobytesMax) * 1024
    }

    /// Takes delivery reports until shutdown; once. Where the producer was shut down before, it ends as soon as nothing is
    /// on its way.
    ///
    /// - Throws: the error after which this producer cannot send any more: no broker to be reached at all
    ///   (`whenUnreachable: .fail`), or a fatal error of the idempotent producer. All open reports have it then.
    package func run() async throws(KafkaClientError) {
        await withGracefulShutdownHandler {
            await serve()
        } onGracefulShutdown: {
            self.shutDown(dropping: false)
        }
        if let error = state.withLock({ $0.failure }) { throw error }
    }

    /// As `run`, but graceful shutdown does not end it: `shutDown` does.
    fileprivate func runUntilShutDown() async throws(KafkaClientError) {
        await serve()
        if let error = state.withLock({ $0.failure }) { throw error }
    }

    private func serve() async {
        state.withLock { $0.runBegan() }
        await withTaskCancellationHandler {
            await takeReports()
        } onCancel: {
            self.shutDown(dropping: true)
        }
    }

    /// Begins the end: nothing new is taken. With `dropping`, what is not acknowledged yet fails now.
    func shutDown(dropping: Bool) {
        let waiters = state.withLock { $0.shutDown(dropping: dropping) }
        if dropping { drop() }
        for waiter in waiters { waiter.answer(false) }
        handle.wakeUp.signal()
    }

    /// Drops what is on its way: each record comes back as a delivery report that says whether it was sent.
    func drop() {
        rd_kafka_purge(
            handle.client,
            RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING
        )
    }
}

/// Runs `body` with a producer that is running, and flushes it afterwards. Where `body` throws or the task is
/// cancelled, what is not acknowledged is dropped. Graceful shutdown is the body's to notice: the producer takes records
/// until the body is done.
///
/// - Throws: what `body` throws, or the error with which the producer failed.
package func withProducer<Result: Sendable>(
    _ configuration: ProducerConfiguration,
    logger: Logger,
    _ body: @Sendable (KafkaProducer) async throws -> Result
) async throws -> Result {
    let producer = try KafkaProducer(configuration, logger: logger)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await producer.runUntilShutDown() }
        do {
            let result = try await body(producer)
            producer.shutDown(dropping: false)
            try await group.waitForAll()
            return result
        } catch {
            producer.shutDown(dropping: true)
            // The producer's own failure is the cause of whatever failed in the body.
            try await group.waitForAll()
            throw error
        }
    }
}
