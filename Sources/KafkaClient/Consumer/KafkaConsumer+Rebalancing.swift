import CRdKafka
import KafkaTopics
import Logging
import Synchronization

extension KafkaConsumer {
    /// Lets a rebalance go on that waits for it; `true`: there was one.
    ///
    /// It goes on also where this task is cancelled meanwhile: closing waits for it in the same queue of calls.
    func finishRebalance() async throws(KafkaClientError) -> Bool {
        guard let (rebalance, starts) = state.withLock({ $0.rebalanceFinished() }) else { return false }
        let doing = "take part in the group's rebalance"
        let failure = await handle.calls.finish { [handle, queues] () -> KafkaClientError? in
            switch rebalance {
            case .assign(let partitions, let isIncremental):
                queues.redirect(partitions)
                let offsets = partitions.map { ($0, (starts[$0] ?? .committed).number) }
                let list = TopicPartitionList(Dictionary(offsets) { first, _ in first })
                if isIncremental {
                    let error = rd_kafka_incremental_assign(handle.client, list.list)
                    return KafkaClientError(taking: error, doing: doing, bootstrap: handle.bootstrap)
                }
                return handle.error(rd_kafka_assign(handle.client, list.list), doing)
            case .unassign(let partitions, let isIncremental):
                guard isIncremental else { return handle.error(rd_kafka_assign(handle.client, nil), doing) }
                let list = TopicPartitionList(partitions)
                let error = rd_kafka_incremental_unassign(handle.client, list.list)
                return KafkaClientError(taking: error, doing: doing, bootstrap: handle.bootstrap)
            }
        }
        if let failure { throw failure }
        return true
    }

    // MARK: Closing

    /// Whether the group has let this member go; begins to ask it for that where nobody has.
    func isClosed() async throws(KafkaClientError) -> Bool {
        if state.withLock({ $0.shouldTellGroup() }) {
            let failure = await handle.calls.finish(within: Limits.closeTimeout) {
                [handle, queues] () -> KafkaClientError? in
                let error = rd_kafka_consumer_close_queue(handle.client, queues.closing)
                return KafkaClientError(taking: error, doing: "close the consumer", bootstrap: handle.bootstrap)
            }
            if case .some(.some(let failure)) = failure { throw failure }
        }
        guard rd_kafka_consumer_closed(handle.client) != 0 else { return false }
        state.withLock { $0.closed() }
        return true
    }

    /// As `isClosed()`; a group that has not let this member go within `Limits.closeTimeout` is left without it.
    ///
    /// - Parameter closing: since when this call of `nextEvent` waits for the group.
    func isClosed(since closing: inout ContinuousClock.Instant?) async throws(KafkaClientError) -> Bool {
        if try await isClosed() { return true }
        let now = ContinuousClock.now
        guard let since = closing else {
            closing = now
            handle.wake(after: Limits.closeTimeout)
            return false
        }
        guard since.duration(to: now) >= Limits.closeTimeout else { return false }
        logger.warning("the consumer is given up before its group has let it go")
        state.withLock { $0.closed() }
        return true
    }

    /// Leaves the group, giving the partitions up without asking anybody. A call to the cluster that is under way ends
    /// first, within its own limit; from then on the group has `Limits.closeTimeout`.
    func close() async {
        shutDown()
        var deadline: ContinuousClock.Instant?
        do {
            while state.withLock({ $0.phase }) != .closed {
                if try await finishRebalance() { continue }
                dropEvents(of: handle.events)
                if try await finishRebalance() { continue }
                dropEvents(of: queues.closing)
                if try await finishRebalance() { continue }
                if try await isClosed() { break }
                let now = ContinuousClock.now
                if deadline == nil {
                    // Not before: until the group was asked, the time may have gone by for a commit alone.
                    deadline = now.advanced(by: Limits.closeTimeout)
                    handle.wake(after: Limits.closeTimeout)
                }
                if let deadline, now >= deadline {
                    logger.warning("the consumer is given up before its group has let it go")
                    break
                }
                await handle.wakeUp.wait()
            }
        } catch {
            logger.warning("the consumer could not leave its group", metadata: [LogKeys.error: "\(error)"])
        }
        state.withLock { $0.closed() }
    }

    /// Takes events nobody is interested in any more; a rebalance among them is noted, to go on at once.
    private func dropEvents(of queue: OpaquePointer) {
        while let event = rd_kafka_queue_poll(queue, 0) {
            defer { rd_kafka_event_destroy(event) }
            switch rd_kafka_event_type(event) {
            case RD_KAFKA_EVENT_REBALANCE:
                _ = takeRebalance(event)
                return
            case RD_KAFKA_EVENT_LOG: state.withLock { $0.events }.log(event)
            default: break
            }
        }
    }
}
