import CRdKafka
package import KafkaTopics
package import Logging
import ServiceLifecycle
import Synchronization

/// Reads topics of a Kafka cluster, alone or in a consumer group, as a sequence of events.
///
/// Made by `withConsumer`, which also closes it. One task reads `events` (or calls `nextEvent`); everything else may be
/// called from any task. Nothing is committed unless `commit` is called.
///
/// It has no thread and no loop of its own: librdkafka fetches ahead, bounded by the configuration, and the receiver's
/// task takes what is there or sleeps until librdkafka's queues signal.
package final class KafkaConsumer: Sendable {
    let handle: ClientHandle
    private let queues: ConsumerQueues
    private let reminder: FetchReminder
    private let state: Mutex<ConsumerState>
    private let logger: Logger
    private let configuration: ConsumerConfiguration
    /// How often a waiting receiver polls, to stay a member of its group.
    private let alarmInterval: Duration

    init(_ configuration: ConsumerConfiguration, logger: Logger) throws(KafkaClientError) {
        self.configuration = configuration
        self.logger = logger
        handle = try ClientHandle(
            type: RD_KAFKA_CONSUMER,
            properties: try configuration.properties(),
            events: RD_KAFKA_EVENT_REBALANCE,
            configuration: configuration.client,
            doing: "make a Kafka consumer"
        )
        let receiverTimeout = handle.number("max.poll.interval.ms") ?? Limits.receiverTimeoutMilliseconds
        alarmInterval = .milliseconds(receiverTimeout) / 3
        state = Mutex(
            ConsumerState(
                events: ClientEvents(configuration: configuration.client, logger: logger),
                pacer: FetchReminder.isNeeded ? FetchPacer(handle) : nil
            )
        )
        queues = try ConsumerQueues(handle)
        reminder = FetchReminder(handle)
    }

    /// The partitions that are this consumer's now.
    package var assignment: Set<TopicPartition> { state.withLock { $0.assignment } }

    /// The events, until the consumer is shut down or its task is cancelled.
    package var events: KafkaConsumerEvents { KafkaConsumerEvents(consumer: self) }

    // MARK: What is read

    /// Joins the group and reads these topics; partitions come as `.assigned` events.
    package func subscribe(_ topics: [String]) async throws(KafkaClientError) {
        for topic in topics {
            if let problem = TopicName.problem(with: topic) {
                throw KafkaClientError(.badRequest, "cannot subscribe to '\(topic)': \(problem)")
            }
        }
        guard configuration.group != nil else {
            throw KafkaClientError(
                .badConfiguration,
                "cannot subscribe to \(topics.joined(separator: ", ")): the consumer has no group; "
                    + "give it a group, or use assign"
            )
        }
        let doing = "subscribe to \(topics.joined(separator: ", "))"
        try await handle.calls.run(doing) { [handle] () throws(KafkaClientError) in
            let list = TopicPartitionList(topics.map { TopicPartition(topic: $0, partition: RD_KAFKA_PARTITION_UA) })
            try handle.check(rd_kafka_subscribe(handle.client, list.list), doing)
        }
    }

    /// Reads exactly these partitions, each from its position, without a group; no `.assigned` event comes.
    package func assign(_ partitions: [TopicPartition: StartPosition]) async throws(KafkaClientError) {
        let before = state.withLock { state in
            defer { state.assigned(partitions.keys) }
            return state.assignment
        }
        try await handle.calls.run("read partitions") { [handle, queues] () throws(KafkaClientError) in
            let request = ConsumerRequest(handle)
            if !before.isDisjoint(with: partitions.keys) { request.stop(before) }
            let lookedUp = partitions.filter { $0.value == .beginning || $0.value == .end }
            request.learn(Set(lookedUp.keys.map(\.topic)))
            queues.redirect(partitions.keys)
            try request.assign(partitions)
        }
    }

    /// Says where a partition starts that is being assigned: between its `.assigned` event and the next event.
    ///
    /// - Throws: `badRequest` where the partition is not being assigned now; use `seek` then.
    package func start(_ partition: TopicPartition, at position: StartPosition) throws(KafkaClientError) {
        guard state.withLock({ $0.start(partition, at: position) }) else {
            throw KafkaClientError(
                .badRequest,
                "cannot set the start of \(partition): it is not being assigned now; use seek for what is assigned",
                topicPartition: partition
            )
        }
    }

    /// Continues reading an assigned partition from another position. Records of it fetched before are not delivered.
    package func seek(_ partition: TopicPartition, to position: StartPosition) async throws(KafkaClientError) {
        let doing = "go to another offset of \(partition)"
        try await handle.calls.run(doing) { [handle] () throws(KafkaClientError) in
            try ConsumerRequest(handle).seek(partition, to: position, doing)
        }
        state.withLock { $0.forget(CollectionOfOne(partition)) }
    }

    /// Delivers no records of these partitions until they are resumed; they stay assigned.
    package func pause(_ partitions: [TopicPartition]) throws(KafkaClientError) {
        state.withLock { $0.pause(partitions) }
        let list = TopicPartitionList(partitions)
        try handle.check(rd_kafka_pause_partitions(handle.client, list.list), "pause partitions")
    }

    /// Delivers records of these partitions again, from where they were paused.
    package func resume(_ partitions: [TopicPartition]) throws(KafkaClientError) {
        state.withLock { $0.resume(partitions) }
        let list = TopicPartitionList(partitions)
        try handle.check(rd_kafka_resume_partitions(handle.client, list.list), "resume partitions")
        // Messages that were held back may be delivered now.
        handle.wakeUp.signal()
    }

    // MARK: Life

    /// Ends a wait for the next event, the one under way or the next one.
    package func interrupt() {
        state.withLock { $0.interrupt() }
        handle.wakeUp.signal()
    }

    /// Begins the shutdown: `events` gives up the partitions (`.revoked` comes first) and ends.
    package func shutDown() {
        state.withLock { $0.closeAsked() }
        handle.wakeUp.signal()
    }
}

// MARK: - Events

extension KafkaConsumer {
    /// The next event; asking for it finishes the one before, and lets a rebalance continue. One task at a time.
    ///
    /// - Returns: `nil` when the consumer is shut down and its partitions are given up, or this task is cancelled.
    /// - Throws: what the consumer cannot recover from: no broker was ever reached (`whenUnreachable: .fail`), fatal errors.
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
            if let run = state.withLock({ $0.deliver() }) { return .event(event(of: run)) }
            if let event = try takeEvent(from: handle.events) { return .event(event) }
            if try await finishRebalance() { continue }
            if let event = try takeEvent(from: queues.closing) { return .event(event) }
            if try await finishRebalance() { continue }
            if let answer = ConsumerRequest(handle).takeCommitAnswer(from: queues.commits) { return .event(answer) }
            if let error = state.withLock({ $0.events.givesUp(handle, now: .now) }) { throw error }
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
        // A member that does not poll within max.poll.interval.ms is removed from its group. Each alarm polls the queue.
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
        let runs = messages.runs()
        state.withLock { state in
            state.take(runs)
        }
        let byteCount = runs.reduce(0) { $0 + $1.valueByteCount }
        remindToFetch { $0.took(messages.count, of: max(queued, messages.count), bytes: byteCount) }
        return true
    }

    private func remindToFetch(_ isDue: (inout FetchPacer) -> Bool) {
        let partitions = state.withLock { state -> Set<TopicPartition>? in
            state.needsReminder(isDue) ? state.assignment : nil
        }
        if let partitions { reminder.remind(partitions) }
    }

    private func event(of run: MessageRun) -> KafkaConsumerEvent {
        let message = run.first
        let number = message.pointee.err
        if number == RD_KAFKA_RESP_ERR_NO_ERROR {
            return .batch(ConsumedBatch(run))
        }
        if number == RD_KAFKA_RESP_ERR__PARTITION_EOF {
            return .endOfPartition(run.partition, offset: message.pointee.offset)
        }
        return .failed(
            KafkaClientError(
                number,
                doing: "read \(run.partition)",
                with: handle,
                detail: String(cString: rd_kafka_message_errstr(message)),
                topicPartition: run.partition
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
                // The receiver needs no event without partitions, but librdkafka waits for the rebalance to finish.
                return nil
            case RD_KAFKA_EVENT_ERROR:
                if let error = try takeError(event) { return .failed(error) }
            case RD_KAFKA_EVENT_LOG:
                state.withLock { $0.events }.log(event)
            case RD_KAFKA_EVENT_FETCH:
                throw KafkaClientError(
                    .refused,
                    "cannot continue reading: a record bypassed its queue, so later ones may have been delivered before; "
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
        let outcome = state.withLock { state in
            state.events.outcome(ofError: event, of: handle, doing: "read topics", now: .now)
        }
        switch outcome {
        case .recovers(let error): return error
        case .suspects:
            handle.wake(after: Limits.unreachableGrace)
            return nil
        case .ends(let error): throw error
        }
    }

    private func takeRebalance(_ event: OpaquePointer) -> KafkaConsumerEvent? {
        let partitions = TopicPartitionList.partitions(of: rd_kafka_event_topic_partition_list(event))
        let isIncremental = rd_kafka_rebalance_protocol(handle.client).map { String(cString: $0) } == "COOPERATIVE"
        let isAssignment = rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS
        let isLost = rd_kafka_assignment_lost(handle.client) != 0
        logger.debug(
            "the group rebalances",
            metadata: [LogKeys.partitions: "\(isAssignment ? "+" : "-")\(partitions)"]
        )
        state.withLock { state in
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

// MARK: - Rebalances and closing

extension KafkaConsumer {
    /// Lets a waiting rebalance continue; `true`: there was one.
    ///
    /// It continues even if this task is cancelled meanwhile: closing waits for it in the same queue of calls.
    private func finishRebalance() async throws(KafkaClientError) -> Bool {
        guard let (rebalance, starts) = state.withLock({ $0.rebalanceFinished() }) else { return false }
        let failure = await handle.calls.finish { [handle, queues] () -> KafkaClientError? in
            if case .assign(let partitions, _) = rebalance { queues.redirect(partitions) }
            return ConsumerRequest(handle).finish(rebalance, starts)
        }
        if let failure { throw failure }
        return true
    }

    // MARK: Closing

    /// Whether this member has left its group; asks the group for it the first time.
    private func isClosed() async throws(KafkaClientError) -> Bool {
        if state.withLock({ $0.shouldTellGroup() }) {
            let failure = await handle.calls.finish(within: Limits.closeTimeout) {
                [handle, queues] () -> KafkaClientError? in
                let error = rd_kafka_consumer_close_queue(handle.client, queues.closing)
                return KafkaClientError(taking: error, doing: "close the consumer", with: handle)
            }
            if case .some(.some(let failure)) = failure { throw failure }
        }
        guard rd_kafka_consumer_closed(handle.client) != 0 else { return false }
        state.withLock { $0.closed() }
        return true
    }

    /// As `isClosed()`; gives up waiting for the group after `Limits.closeTimeout`.
    ///
    /// - Parameter closing: since when this call of `nextEvent` waits for the group.
    private func isClosed(since closing: inout ContinuousClock.Instant?) async throws(KafkaClientError) -> Bool {
        if try await isClosed() { return true }
        let now = ContinuousClock.now
        guard let since = closing else {
            closing = now
            handle.wake(after: Limits.closeTimeout)
            return false
        }
        guard since.duration(to: now) >= Limits.closeTimeout else { return false }
        logger.warning("the consumer is closed before its group has answered")
        state.withLock { $0.closed() }
        return true
    }

    /// Leaves the group, giving the partitions up without telling the receiver. A call to the cluster that is under way ends
    /// first, within its own time limit; after it the group has `Limits.closeTimeout`.
    fileprivate func close() async {
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
                    // Not earlier: a commit under way may take its own time before the group is asked.
                    deadline = now.advanced(by: Limits.closeTimeout)
                    handle.wake(after: Limits.closeTimeout)
                }
                if let deadline, now >= deadline {
                    logger.warning("the consumer is closed before its group has answered")
                    break
                }
                await handle.wakeUp.wait()
            }
        } catch {
            logger.warning("the consumer could not leave its group", metadata: [LogKeys.error: "\(error)"])
        }
        state.withLock { $0.closed() }
    }

    /// Drops events; a rebalance among them is recorded, and finished next.
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

// MARK: - Offsets

extension KafkaConsumer {
    /// Commits the offsets of the next record to read to the group, and returns when the group has them.
    ///
    /// - Throws: `groupChanged` where the partition is another member's by now; `coordinatorUnavailable`,
    ///   `brokersUnreachable`; `timedOut` after `milliseconds`: then it may still take effect.
    package func commit(
        _ offsets: [TopicPartition: Int64],
        within milliseconds: Int32 = Limits.requestTimeoutMilliseconds
    ) async throws(KafkaClientError) {
        guard !offsets.isEmpty else { return }
        try requireGroup("commit offsets")
        try await handle.questions.run("commit offsets") { [handle] () throws(KafkaClientError) in
            try ConsumerRequest(handle).commit(offsets, within: milliseconds)
        }
    }

    /// Commits the offsets of the next record to read to the group without waiting: the answer comes as a `.committed`
    /// event.
    package func beginCommit(_ offsets: [TopicPartition: Int64]) throws(KafkaClientError) {
        guard !offsets.isEmpty else { return }
        try requireGroup("commit offsets")
        try ConsumerRequest(handle).beginCommit(offsets, answers: queues.commits)
    }

    /// The group's committed offsets of these partitions; those without one are missing.
    ///
    /// - Throws: `closed` once the consumer is being shut down: librdkafka no longer answers then.
    package func committed(
        _ partitions: some Collection<TopicPartition> & Sendable
    ) async throws(KafkaClientError) -> [TopicPartition: Int64] {
        guard !partitions.isEmpty else { return [:] }
        try requireGroup("read committed offsets")
        guard state.withLock({ $0.phase }) == .open else { throw .closed("read committed offsets") }
        return try await handle.questions.run("read committed offsets") {
            [handle] () throws(KafkaClientError) -> [TopicPartition: Int64] in
            try ConsumerRequest(handle).committed(partitions)
        }
    }

    private func requireGroup(_ doing: String) throws(KafkaClientError) {
        guard configuration.group == nil else { return }
        throw KafkaClientError(.badConfiguration, "cannot \(doing): the consumer has no group; give it one")
    }

    /// The offset of the oldest record, and the one the next record will get.
    package func watermarks(of partition: TopicPartition) async throws(KafkaClientError) -> Range<Int64> {
        try await handle.questions.run("read the offsets of \(partition)") {
            [handle] () throws(KafkaClientError) -> Range<Int64> in
            try handle.watermarks(of: partition)
        }
    }

    /// The offset that the next record of `partition` will get, as of the last fetch response; `nil` before the first.
    /// Sends no request.
    package func highWatermark(of partition: TopicPartition) -> Int64? {
        var low: Int64 = -1
        var high: Int64 = -1
        let number = rd_kafka_get_watermark_offsets(
            handle.client,
            partition.topic,
            partition.partition,
            &low,
            &high
        )
        return number == RD_KAFKA_RESP_ERR_NO_ERROR && high >= 0 ? high : nil
    }
}

/// The queues of a consumer beside librdkafka's own: records go past the events, so that neither waits for the other
/// and a rebalance never stands behind records.
///
/// `@unchecked Sendable`: librdkafka's queues are safe to use from any thread, and the fields are constant.
private final class ConsumerQueues: @unchecked Sendable {
    /// Records, ends of partitions and errors of partitions.
    let messages: OpaquePointer
    /// The last rebalance, while the consumer is being closed.
    let closing: OpaquePointer
    /// Answers to `beginCommit`.
    let commits: OpaquePointer
    private let handle: ClientHandle

    init(_ handle: ClientHandle) throws(KafkaClientError) {
        guard let messages = rd_kafka_queue_new(handle.client), let closing = rd_kafka_queue_new(handle.client),
            let commits = rd_kafka_queue_new(handle.client)
        else {
            throw KafkaClientError(.refused, "cannot make a Kafka consumer: librdkafka gives no queue")
        }
        self.messages = messages
        self.closing = closing
        self.commits = commits
        self.handle = handle
        handle.watch(messages)
        handle.watch(closing)
        handle.watch(commits)
    }

    /// Records of these partitions arrive in `messages` from now on; to be called before they are assigned.
    func redirect(_ partitions: some Sequence<TopicPartition>) {
        for partition in partitions {
            let queue = rd_kafka_queue_get_partition(handle.client, partition.topic, partition.partition)
            guard let queue else { continue }
            rd_kafka_queue_forward(queue, messages)
            rd_kafka_queue_destroy(queue)
        }
    }

    deinit {
        handle.unwatch(messages)
        handle.unwatch(closing)
        handle.unwatch(commits)
        rd_kafka_queue_destroy(messages)
        rd_kafka_queue_destroy(closing)
        rd_kafka_queue_destroy(commits)
    }
}

/// Runs `body` with a consumer, and closes it afterwards: the group learns at once that this member has left.
///
/// On graceful shutdown the consumer's `events` give up the partitions and end. On cancellation they end at once.
///
/// - Throws: what `body` throws, or `badConfiguration`.
package func withConsumer<Result>(
    _ configuration: ConsumerConfiguration,
    logger: Logger,
    _ body: (KafkaConsumer) async throws -> Result
) async throws -> Result {
    let consumer = try KafkaConsumer(configuration, logger: logger)
    do {
        let result = try await withGracefulShutdownHandler {
            try await body(consumer)
        } onGracefulShutdown: {
            consumer.shutDown()
        }
        await consumer.close()
        return result
    } catch {
        await consumer.close()
        throw error
    }
}
