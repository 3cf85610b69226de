import CRdKafka
import KafkaTopics
import Logging
import Synchronization

extension KafkaConsumer {
    /// The next event; asking for it finishes the one before, and lets a rebalance go on. One task at a time.
    ///
    /// - Returns: `nil` when the consumer is shut down and its partitions are given up, or this task is cancelled.
    /// - Throws: what the consumer cannot ride out: no broker was ever reached (`whenUnreachable: .fail`), fatal errors.
    package func nextEvent() async throws(KafkaClientError) -> KafkaConsumerEvent? {
        guard case .event(let event) = try await nextEvent(until: nil) else { return nil }
        return event
    }

    /// The next event, or the end of the wait for it at `deadline`; `nil`: it waits without end. As `nextEvent()` in
    /// all else.
    package func nextEvent(until deadline: ContinuousClock.Instant?) async throws(KafkaClientError) -> NextEvent {
        state.withLock { state in
            precondition(!state.isReading, "KafkaConsumer: two tasks ask for events")
            state.isReading = true
        }
        defer { state.withLock { $0.isReading = false } }
        _ = try await finishRebalance()
        var closing: ContinuousClock.Instant?
        while true {
            if Task.isCancelled { return .end }
            if let part = state.withLock({ $0.deliver() }) { return .event(event(of: part)) }
            if let event = try takeEvent(from: handle.events) { return .event(event) }
            if try await finishRebalance() { continue }
            if let event = try takeEvent(from: queues.closing) { return .event(event) }
            if try await finishRebalance() { continue }
            if let answer = takeCommit() { return .event(answer) }
            if let error = state.withLock({ $0.events.givesUp(now: .now) { handle.hasMetadata } }) { throw error }
            if state.withLock({ $0.phase }) == .open {
                if takeMessages() { continue }
            } else if try await isClosed(since: &closing) {
                return .end
            }
            if state.withLock({ $0.takeInterruption() }) { return .deadline }
            if let deadline, ContinuousClock.now >= deadline { return .deadline }
            await sleep(until: deadline)
        }
    }

    /// Sleeps until a queue signals, `deadline` has come, or this member has to show that it is alive.
    private func sleep(until deadline: ContinuousClock.Instant?) async {
        // The group takes a receiver that does not ask for records for dead. Waiting for them is asking: at every
        // alarm the queue is looked at again.
        let now = ContinuousClock.now
        let latest = now.advanced(by: alarmInterval)
        let alarm = min(deadline ?? latest, latest)
        if state.withLock({ $0.needsAlarm(now: now, at: alarm) }) {
            handle.wake(after: now.duration(to: alarm))
        }
        await withTaskCancellationHandler {
            await handle.wakeUp.wait()
        } onCancel: {
            handle.wakeUp.signal()
        }
    }

    // MARK: Messages

    /// Takes what is fetched, without waiting; `false`: there is nothing.
    private func takeMessages() -> Bool {
        let queued = rd_kafka_queue_length(queues.messages)
        let messages = MessageArray(from: queues.messages, capacity: configuration.batchRecordsMax, handle: handle)
        guard messages.count > 0 else {
            remindToFetch { $0.ranDry() }
            return false
        }
        var parts: [ConsumerState.Part] = []
        var first = 0
        while first < messages.count {
            let part = part(of: messages, from: first)
            parts.append(part)
            first = part.range.upperBound
        }
        state.withLock { state in
            state.events.reached()
            state.take(parts)
        }
        remindToFetch { $0.took(messages.count, of: max(queued, messages.count), bytes: messages.byteCount) }
        return true
    }

    private func remindToFetch(_ isDue: (inout FetchPacer) -> Bool) {
        let partitions = state.withLock { state -> Set<TopicPartition>? in
            state.needsReminder(isDue) ? state.assignment : nil
        }
        if let partitions { reminder.remind(partitions) }
    }

    /// The longest run of records of one partition from `first`, or the one error there.
    private func part(of messages: MessageArray, from first: Int) -> ConsumerState.Part {
        let message = messages[first]
        var end = first + 1
        if message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR {
            while end < messages.count {
                let next = messages[end]
                guard next.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR,
                    next.pointee.partition == message.pointee.partition, next.pointee.rkt == message.pointee.rkt
                else { break }
                end += 1
            }
        }
        let topic = message.pointee.rkt.map { String(cString: rd_kafka_topic_name($0)) } ?? ""
        return ConsumerState.Part(
            partition: TopicPartition(topic: topic, partition: message.pointee.partition),
            messages: messages,
            range: first..<end
        )
    }

    private func event(of part: ConsumerState.Part) -> KafkaConsumerEvent {
        let message = part.messages[part.range.lowerBound]
        let number = message.pointee.err
        if number == RD_KAFKA_RESP_ERR_NO_ERROR {
            return .batch(ConsumedBatch(topicPartition: part.partition, messages: part.messages, range: part.range))
        }
        if number == RD_KAFKA_RESP_ERR__PARTITION_EOF {
            return .endOfPartition(part.partition, offset: message.pointee.offset)
        }
        return .failed(
            KafkaClientError(
                number,
                doing: "read \(part.partition)",
                bootstrap: handle.bootstrap,
                detail: String(cString: rd_kafka_message_errstr(message)),
                topicPartition: part.partition
            )
        )
    }

    // MARK: Events

    /// The next event of a queue that the receiver should know, without waiting.
    private func takeEvent(from queue: OpaquePointer) throws(KafkaClientError) -> KafkaConsumerEvent? {
        while let event = rd_kafka_queue_poll(queue, 0) {
            defer { rd_kafka_event_destroy(event) }
            switch rd_kafka_event_type(event) {
            case RD_KAFKA_EVENT_REBALANCE:
                if let event = takeRebalance(event) { return event }
                // It has no partitions that could matter to the receiver, but librdkafka waits for it.
                return nil
            case RD_KAFKA_EVENT_ERROR:
                if let error = try takeError(event) { return .failed(error) }
            case RD_KAFKA_EVENT_LOG:
                state.withLock { $0.events }.log(event)
            case RD_KAFKA_EVENT_FETCH:
                throw KafkaClientError(
                    .refused,
                    "cannot go on reading: a record came past its queue, so later ones may have been delivered before; "
                        + "make a new consumer, which starts from what is committed",
                    isFatal: true
                )
            default:
                break
            }
        }
        return nil
    }

    private func takeError(_ event: OpaquePointer) throws(KafkaClientError) -> KafkaClientError? {
        let verdict = state.withLock { state in
            state.events.verdict(onError: event, of: handle.client, doing: "read topics", now: .now)
        }
        switch verdict {
        case .goesOn(let error): return error
        case .suspects:
            handle.wake(after: Limits.unreachableGrace)
            return nil
        case .over(let error): throw error
        }
    }

    func takeRebalance(_ event: OpaquePointer) -> KafkaConsumerEvent? {
        let partitions = TopicPartitionList.partitions(of: rd_kafka_event_topic_partition_list(event))
        let isIncremental = rd_kafka_rebalance_protocol(handle.client).map { String(cString: $0) } == "COOPERATIVE"
        let isAssignment = rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS
        let isLost = rd_kafka_assignment_lost(handle.client) != 0
        logger.debug(
            "the group rebalances",
            metadata: [LogKeys.partitions: "\(isAssignment ? "+" : "-")\(partitions)"]
        )
        state.withLock { state in
            state.events.reached()
            state.rebalanceBegan(
                isAssignment
                    ? .assign(partitions, incremental: isIncremental)
                    : .unassign(partitions, incremental: isIncremental)
            )
        }
        if partitions.isEmpty { return nil }
        if isAssignment { return .assigned(partitions) }
        return isLost ? .lost(partitions) : .revoked(partitions)
    }
}
