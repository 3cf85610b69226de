import CRdKafka
import KafkaTopics
import Synchronization

extension KafkaProducer {
    /// Hands a batch to the producer, waiting while its queue is full, and returns when all of it is taken.
    ///
    /// The bytes are copied into librdkafka's own buffers, so the batch may be filled anew at once. Lending them instead
    /// saves a tenth of the producer's processor time with 150-byte records (measured with librdkafka 2.0.2), and asks
    /// for a fresh buffer per batch until its last report: more memory, and page faults that eat what was saved.
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

    /// Sends a batch and waits for what becomes of it.
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
        let refused = batch.withMessages(chunk, entry: entry) { messages -> [(record: Int, rd_kafka_resp_err_t)] in
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

    /// Why a record that found the queue full will find it so for ever: its value alone is more than the queue holds.
    private func refusal(ofValue byteCount: Int, sendingTo topic: String) -> KafkaClientError? {
        guard byteCount > queueBytesMax else { return nil }
        return KafkaClientError(
            .recordTooLarge,
            "cannot write a record to the topic '\(topic)': its value has \(byteCount) bytes, and the producer's queue "
                + "holds \(queueBytesMax); raise queue.buffering.max.kbytes, or send less in one record"
        )
    }

    /// Waits until reports have made room; `false`: none will come, or this task is cancelled.
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

    /// Settles records that librdkafka never took.
    private func giveUp(_ entry: UInt32, _ records: Range<Int>, _ error: KafkaClientError) {
        let settled = state.withLock { $0.ledger.fail(entry, records, error, wasInFlight: false) }
        if let settled { settled.delivery.settle(settled.report) }
        // A producer that is shutting down waits for the last open batch.
        handle.wakeUp.signal()
    }

    /// The error of a record for the topic.
    func error(
        _ number: rd_kafka_resp_err_t,
        sendingTo topic: String,
        _ partition: TopicPartition?
    ) -> KafkaClientError {
        KafkaClientError(
            number,
            doing: "write a record to \(partition.map(\.description) ?? "the topic '\(topic)'")",
            bootstrap: handle.bootstrap,
            topicPartition: partition
        )
    }
}
