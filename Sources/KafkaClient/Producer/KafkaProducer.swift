import CRdKafka
import KafkaTopics
package import Logging
import ServiceLifecycle
import Synchronization

/// Sends records to a Kafka cluster, and reports for each whether it was acknowledged.
///
/// Two ways: `send(_:)` for single records, `enqueue(_:)` for batches in one buffer. Both wait while as many records
/// are on their way as the configuration allows. `run()` takes the delivery reports; without it nothing is ever
/// acknowledged. On graceful shutdown it sends what it has (bounded by the delivery timeout) and ends; on cancellation
/// it drops what it has, and every open report says which records were not acknowledged.
package final class KafkaProducer: Service {
    private let handle: ClientHandle
    private let topics: ProducerTopics
    let state: Mutex<ProducerState>
    private let logger: Logger
    /// Whether a broker answers, and so says where a record was written.
    private let tellsOffsets: Bool
    /// How many bytes of values librdkafka's queue holds.
    private let queueBytesMax: Int
    private let statistics: StatisticsReporting?

    /// Makes a producer; it connects when it has something to send.
    ///
    /// - Throws: `badConfiguration`.
    package init(_ configuration: ProducerConfiguration, logger: Logger) throws(KafkaClientError) {
        let events = ClientEvents(configuration: configuration.client, logger: logger)
        state = Mutex(ProducerState(events: events))
        self.logger = logger
        statistics = configuration.statistics
        handle = try ClientHandle(
            type: RD_KAFKA_PRODUCER,
            properties: try configuration.properties(),
            events: RD_KAFKA_EVENT_DR | (statistics == nil ? 0 : RD_KAFKA_EVENT_STATS),
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

    /// How many records were acknowledged and how many failed so far.
    package var totals: DeliveryTotals { state.withLock { $0.ledger.totals } }

    /// Begins the shutdown: no new records are taken. With `dropping`, what is not acknowledged yet fails now.
    func shutDown(dropping: Bool) {
        let waiters = state.withLock { $0.shutDown(dropping: dropping) }
        if dropping { drop() }
        for waiter in waiters { waiter.answer(false) }
        handle.wakeUp.signal()
    }

    /// Drops what is on its way: each record comes back as a delivery report that says whether it was sent.
    private func drop() {
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
            // The producer's failure is the cause of a failure in the body.
            try await group.waitForAll()
            throw error
        }
    }
}

extension KafkaProducer {
    /// Hands a batch to the producer, waiting while its queue is full, and returns when all of it is taken.
    ///
    /// The bytes are copied into librdkafka's own buffers, so the batch may be filled again at once. Lending them instead
    /// saves a tenth of the producer's processor time with 150-byte records (measured with librdkafka 2.0.2), and asks
    /// for a fresh buffer per batch until its last report: more memory, and page faults that cost what was saved.
    ///
    /// What fails is in the delivery's report, also where this task is cancelled or the producer shut down while it
    /// waits for room: then the records that were not taken are reported as not written.
    package func enqueue(_ batch: OutgoingBatch) async -> BatchDelivery {
        let delivery = BatchDelivery(records: batch.count)
        guard !batch.isEmpty else {
            delivery.settle(DeliveryReport(records: 0))
            return delivery
        }
        let entry = state.withLock { $0.ledger.open(delivery) }
        let topic: OpaquePointer
        do {
            topic = try topics.object(of: batch.topic)
        } catch {
            giveUp(entry, 0..<batch.count, error)
            return delivery
        }
        var next = 0
        while next < batch.count {
            let chunk = next..<min(next + Limits.producerChunkRecords, batch.count)
            if let refusal = state.withLock({ $0.takeOver(chunk.count) }) {
                giveUp(entry, next..<batch.count, refusal)
                return delivery
            }
            next = produce(batch, chunk, to: topic, entry)
            dropLateRecords()
            if next == chunk.upperBound { continue }
            if let refusal = refusal(ofValue: batch.valueLength(of: next), sendingTo: batch.topic) {
                giveUp(entry, next..<next + 1, refusal)
                next += 1
            } else if await !waitForRoom() {
                giveUp(entry, next..<batch.count, refusalAfterWaiting())
                return delivery
            }
        }
        return delivery
    }

    /// Sends a batch and waits until each record is acknowledged or has failed.
    ///
    /// - Throws: only `cancelled`; errors of records are in the report.
    package func send(_ batch: OutgoingBatch) async throws(KafkaClientError) -> DeliveryReport {
        try await enqueue(batch).report()
    }

    /// Sends one record and waits until it is acknowledged.
    ///
    /// - Throws: why it is not, or may not be, written.
    package func send(_ record: KafkaRecord) async throws(KafkaClientError) -> RecordMetadata {
        let topic = try topics.object(of: record.topic)
        let delivery = BatchDelivery(records: 1)
        let entry = state.withLock { $0.ledger.open(delivery) }
        while true {
            if let refusal = state.withLock({ $0.takeOver(1) }) {
                giveUp(entry, 0..<1, refusal)
                break
            }
            let place = DeliveryLedger.Place(entry: entry, record: 0)
            let number = record.withArguments(topic: topic, opaque: place.opaque) { arguments, count in
                Self.produce(arguments, count, with: handle.client)
            }
            if number == RD_KAFKA_RESP_ERR_NO_ERROR { break }
            state.withLock { $0.ledger.takeBack(1) }
            if number != RD_KAFKA_RESP_ERR__QUEUE_FULL {
                giveUp(entry, 0..<1, error(number, sendingTo: record.topic, nil))
                break
            }
            if let refusal = refusal(ofValue: record.value?.count ?? 0, sendingTo: record.topic) {
                giveUp(entry, 0..<1, refusal)
                break
            }
            guard await waitForRoom() else {
                giveUp(entry, 0..<1, refusalAfterWaiting())
                break
            }
        }
        dropLateRecords()
        let report = try await delivery.report()
        if let failure = report.failures.first { throw failure.error }
        guard let acknowledgement = report.acknowledgements.first else {
            preconditionFailure("KafkaProducer: a settled report without a result")
        }
        return RecordMetadata(
            topicPartition: acknowledgement.topicPartition,
            offset: acknowledgement.firstOffset,
            latency: acknowledgement.latency
        )
    }

    private static func produce(
        _ arguments: UnsafePointer<rd_kafka_vu_t>,
        _ count: Int,
        with client: OpaquePointer
    ) -> rd_kafka_resp_err_t {
        guard let error = rd_kafka_produceva(client, arguments, count) else { return RD_KAFKA_RESP_ERR_NO_ERROR }
        defer { rd_kafka_error_destroy(error) }
        return rd_kafka_error_code(error)
    }

    /// Gives a chunk to librdkafka and returns the number of the first record that is not taken: the queue is full
    /// there, or the end of the chunk. Records that can never be sent are settled as failed.
    private func produce(_ batch: OutgoingBatch, _ chunk: Range<Int>, to topic: OpaquePointer, _ entry: UInt32) -> Int {
        let refused =
            batch.hasTimestamps
            ? produceEach(batch, chunk, to: topic, entry) : produceAtOnce(batch, chunk, to: topic, entry)
        if refused.isEmpty { return chunk.upperBound }
        var next = chunk.upperBound
        var settled: [DeliveryLedger.Settled] = []
        state.withLock { state in
            state.ledger.takeBack(refused.count)
            for (record, number) in refused {
                if number == RD_KAFKA_RESP_ERR__QUEUE_FULL {
                    // Once full, librdkafka refuses the rest of the chunk as well.
                    next = min(next, record)
                } else {
                    let place = DeliveryLedger.Place(entry: entry, record: record)
                    let failure = error(number, sendingTo: batch.topic, nil)
                    if let done = state.ledger.fail(place, failure, wasInFlight: false) { settled.append(done) }
                }
            }
        }
        for each in settled { each.delivery.settle(each.report) }
        return next
    }

    /// A record of a batch that librdkafka did not take, and why.
    private typealias Refused = (record: Int, number: rd_kafka_resp_err_t)

    private func produceAtOnce(
        _ batch: OutgoingBatch,
        _ chunk: Range<Int>,
        to topic: OpaquePointer,
        _ entry: UInt32
    ) -> [Refused] {
        batch.withMessages(chunk, entry: entry) { messages in
            let taken = rd_kafka_produce_batch(
                topic,
                RD_KAFKA_PARTITION_UA,
                RD_KAFKA_MSG_F_COPY | RD_KAFKA_MSG_F_PARTITION,
                messages.baseAddress,
                Int32(messages.count)
            )
            if Int(taken) == messages.count { return [] }
            return messages.indices.compactMap { index in
                let number = messages[index].err
                return number == RD_KAFKA_RESP_ERR_NO_ERROR ? nil : (chunk.lowerBound + index, number)
            }
        }
    }

    /// librdkafka takes records with times of their own one by one. After the first that its full queue refuses no further
    /// one is tried, so that the order is kept: all of them count as refused.
    private func produceEach(
        _ batch: OutgoingBatch,
        _ chunk: Range<Int>,
        to topic: OpaquePointer,
        _ entry: UInt32
    ) -> [Refused] {
        var refused: [Refused] = []
        for record in chunk {
            let place = DeliveryLedger.Place(entry: entry, record: record)
            let number = batch.produce(record, to: topic, with: handle.client, place)
            if number == RD_KAFKA_RESP_ERR_NO_ERROR { continue }
            if number == RD_KAFKA_RESP_ERR__QUEUE_FULL {
                return refused + (record..<chunk.upperBound).map { ($0, number) }
            }
            refused.append((record, number))
        }
        return refused
    }

    /// Why a record can never be queued: its value alone exceeds the queue; `nil` where it does not.
    private func refusal(ofValue byteCount: Int, sendingTo topic: String) -> KafkaClientError? {
        guard byteCount > queueBytesMax else { return nil }
        return KafkaClientError(
            .recordTooLarge,
            "cannot write a record to the topic '\(topic)': its value has \(byteCount) bytes, and the producer's queue "
                + "holds \(queueBytesMax); raise queue.buffering.max.kbytes, or send less in one record"
        )
    }

    /// Waits until reports have made room; `false`: there will be none, or this task is cancelled.
    private func waitForRoom() async -> Bool {
        let room = OneAnswer<Bool>()
        guard state.withLock({ $0.wait(room) }) else {
            // Reports are being taken that make room: their task goes first.
            await Task.yield()
            return !Task.isCancelled && state.withLock { $0.refusal == nil }
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in room.ask(continuation) }
        } onCancel: {
            room.answer(false)
        }
    }

    private func refusalAfterWaiting() -> KafkaClientError {
        state.withLock { $0.refusal } ?? .cancelled("send records", "these were not sent: not written")
    }

    /// Drops what was handed over while the producer dropped everything.
    private func dropLateRecords() {
        if state.withLock({ $0.isDropping }) { drop() }
    }

    /// Settles records that librdkafka did not take.
    private func giveUp(_ entry: UInt32, _ records: Range<Int>, _ error: KafkaClientError) {
        let settled = state.withLock { $0.ledger.fail(entry, records, error, wasInFlight: false) }
        if let settled { settled.delivery.settle(settled.report) }
        // A producer that is shutting down waits for the last open batch.
        handle.wakeUp.signal()
    }

    /// The error of a record for the topic.
    private func error(
        _ number: rd_kafka_resp_err_t,
        sendingTo topic: String,
        _ partition: TopicPartition?
    ) -> KafkaClientError {
        KafkaClientError(
            number,
            doing: "write a record to \(partition.map(\.description) ?? "the topic '\(topic)'")",
            with: handle,
            topicPartition: partition
        )
    }
}

extension KafkaProducer {
    /// Takes events until the producer is shut down and nothing is on its way any more; a shutdown signals the wake-up.
    private func takeReports() async {
        while true {
            if takeEvents() {
                // More are there: others may run first.
                await Task.yield()
                continue
            }
            if let error = state.withLock({ $0.events.givesUp(handle, now: .now) }) { fail(error) }
            if state.withLock({ $0.isOver() }) { return }
            await handle.wakeUp.wait()
        }
    }

    /// Takes up to `Limits.eventsPerTurn` events; `true`: there may be more.
    private func takeEvents() -> Bool {
        for _ in 0..<Limits.eventsPerTurn {
            guard let event = rd_kafka_queue_poll(handle.events, 0) else { return false }
            defer { rd_kafka_event_destroy(event) }
            switch rd_kafka_event_type(event) {
            case RD_KAFKA_EVENT_DR: takeReport(event)
            case RD_KAFKA_EVENT_STATS: takeStatistics(event)
            case RD_KAFKA_EVENT_ERROR: takeError(event)
            case RD_KAFKA_EVENT_LOG: state.withLock { $0.events }.log(event)
            default: break
            }
        }
        return true
    }

    private func takeError(_ event: OpaquePointer) {
        let outcome = state.withLock { state in
            state.events.outcome(ofError: event, of: handle, doing: "send records", now: .now)
        }
        switch outcome {
        case .suspects: handle.wake(after: Limits.unreachableGrace)
        case .recovers(let error):
            logger.debug("the producer continues after an error", metadata: [LogKeys.error: "\(error)"])
        case .ends(let error): fail(error)
        }
    }

    private func takeStatistics(_ event: OpaquePointer) {
        guard let statistics, let text = rd_kafka_event_stats(event) else { return }
        do {
            statistics.report(try ProducerStatistics(json: String(cString: text), totals: totals))
        } catch {
            logger.debug("librdkafka's statistics cannot be read", metadata: [LogKeys.error: "\(error)"])
        }
    }

    /// Ends the producer because it cannot send any more.
    private func fail(_ error: KafkaClientError) {
        state.withLock { state in state.failure = state.failure ?? error }
        shutDown(dropping: true)
    }

    /// One delivery report of librdkafka: records of one partition, in the order they were given.
    private func takeReport(_ event: OpaquePointer) {
        var settled: [DeliveryLedger.Settled] = []
        let senders = state.withLock { state in
            var run: AcknowledgedRun?
            while let message = rd_kafka_event_message_next(event) {
                let place = DeliveryLedger.Place(opaque: message.pointee._private)
                if message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR {
                    if run?.append(message, of: place.entry) == true { continue }
                    if let done = close(run, in: &state) { settled.append(done) }
                    run = AcknowledgedRun(message, of: place.entry)
                } else {
                    let error = failure(of: message, in: state)
                    if let done = state.ledger.fail(place, error, wasInFlight: true) { settled.append(done) }
                }
            }
            if let done = close(run, in: &state) { settled.append(done) }
            return state.takeSendersWithRoom()
        }
        for each in settled { each.delivery.settle(each.report) }
        for sender in senders { sender.answer(true) }
    }

    private func close(_ run: AcknowledgedRun?, in state: inout ProducerState) -> DeliveryLedger.Settled? {
        guard let run else { return nil }
        let name = topics.name(of: run.topic)
        return state.ledger.acknowledge(
            run.entry,
            DeliveryReport.Acknowledgement(
                topicPartition: TopicPartition(topic: name, partition: run.partition),
                count: run.count,
                // Without an answer librdkafka counts up from a number of its own.
                firstOffset: tellsOffsets ? run.firstOffset : -1,
                lastOffset: tellsOffsets ? run.lastOffset : -1,
                latency: .microseconds(run.latencyMicroseconds)
            )
        )
    }

    private func failure(of message: UnsafePointer<rd_kafka_message_t>, in state: ProducerState) -> KafkaClientError {
        let number = message.pointee.err
        let wasDropped =
            number == RD_KAFKA_RESP_ERR__PURGE_QUEUE || number == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT
        // Dropped because the producer failed: report that failure.
        if wasDropped, let failure = state.failure { return failure }
        let name = topics.name(of: message.pointee.rkt)
        let partition = message.pointee.partition
        return error(
            number,
            sendingTo: name,
            partition < 0 ? nil : TopicPartition(topic: name, partition: partition)
        )
    }
}

/// Consecutive records of one batch and one partition in a delivery report.
private struct AcknowledgedRun {
    let entry: UInt32
    let topic: OpaquePointer
    let partition: Int32
    let firstOffset: Int64
    private(set) var lastOffset: Int64
    private(set) var count = 1
    /// Of the first record: all of a run were taken within one call or nearly so.
    let latencyMicroseconds: Int64

    init(_ message: UnsafePointer<rd_kafka_message_t>, of entry: UInt32) {
        self.entry = entry
        topic = message.pointee.rkt
        partition = message.pointee.partition
        firstOffset = message.pointee.offset
        lastOffset = firstOffset
        latencyMicroseconds = max(0, rd_kafka_message_latency(message))
    }

    /// Adds `message`, if it belongs to this run.
    mutating func append(_ message: UnsafePointer<rd_kafka_message_t>, of entry: UInt32) -> Bool {
        guard entry == self.entry, message.pointee.partition == partition, message.pointee.rkt == topic else {
            return false
        }
        lastOffset = message.pointee.offset
        count += 1
        return true
    }
}

/// librdkafka's topic objects of one producer, one for each topic it has sent to.
///
/// `@unchecked Sendable`: the objects are safe to use from any thread, and the table is behind a lock.
private final class ProducerTopics: @unchecked Sendable {
    private struct Table {
        var objects: [String: OpaquePointer] = [:]
        var names: [OpaquePointer: String] = [:]
    }

    private let handle: ClientHandle
    private let lock = Mutex(())
    private var table = Table()

    init(_ handle: ClientHandle) {
        self.handle = handle
    }

    /// The topic object of `name`, made on first use; valid as long as this table.
    func object(of name: String) throws(KafkaClientError) -> OpaquePointer {
        try lock.withLock { _ throws(KafkaClientError) -> OpaquePointer in
            if let known = table.objects[name] { return known }
            if let problem = TopicName.problem(with: name) {
                throw KafkaClientError(.badRequest, "cannot send to the topic '\(name)': \(problem)")
            }
            guard let object = rd_kafka_topic_new(handle.client, name, nil) else {
                throw KafkaClientError(
                    rd_kafka_last_error(),
                    doing: "send to the topic '\(name)'",
                    with: handle
                )
            }
            table.objects[name] = object
            table.names[object] = name
            return object
        }
    }

    /// The name of a topic object that came back with a record.
    func name(of object: OpaquePointer) -> String {
        lock.withLock { _ in
            table.names[object] ?? String(cString: rd_kafka_topic_name(object))
        }
    }

    deinit {
        for object in table.objects.values { rd_kafka_topic_destroy(object) }
    }
}
