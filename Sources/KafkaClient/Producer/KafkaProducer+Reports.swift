import CRdKafka
import KafkaTopics
import Logging
import Synchronization

extension KafkaProducer {
    /// Takes events until the producer is shut down and nothing is on its way any more; a shutdown signals the wake-up.
    func takeReports() async {
        while true {
            if takeEvents() {
                // More are there: others may run first.
                await Task.yield()
                continue
            }
            if let error = state.withLock({ $0.events.givesUp(now: .now) { handle.hasMetadata } }) { fail(error) }
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
            case RD_KAFKA_EVENT_ERROR: takeError(event)
            case RD_KAFKA_EVENT_LOG: state.withLock { $0.events }.log(event)
            default: break
            }
        }
        return true
    }

    private func takeError(_ event: OpaquePointer) {
        let verdict = state.withLock { state in
            state.events.verdict(onError: event, of: handle.client, doing: "send records", now: .now)
        }
        switch verdict {
        case .suspects: handle.wake(after: Limits.unreachableGrace)
        case .goesOn(let error):
            logger.debug("the producer goes on after an error", metadata: [LogKeys.error: "\(error)"])
        case .over(let error): fail(error)
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
        state.events.reached()
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
        // Dropped because the producer failed: that is why, and a person should read that.
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
