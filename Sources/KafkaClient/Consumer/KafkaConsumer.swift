import CRdKafka
package import KafkaTopics
package import Logging
import ServiceLifecycle
import Synchronization

/// Reads topics of a Kafka cluster, alone or in a consumer group, and tells its receiver one event after the other.
///
/// Made by `withConsumer`, which also closes it. One task reads `events` (or calls `nextEvent`); everything else may be
/// called from any task. Nothing is committed unless `commit` is called.
///
/// It has no thread and no loop of its own: librdkafka fetches ahead, bounded by the configuration, and the receiver's
/// task takes what is there or sleeps until librdkafka's queues signal.
package final class KafkaConsumer: Sendable {
    let handle: ClientHandle
    let queues: ConsumerQueues
    let reminder: FetchReminder
    let state: Mutex<ConsumerState>
    let logger: Logger
    let configuration: ConsumerConfiguration
    /// How often a receiver that waits shows that it is alive.
    let alarmInterval: Duration

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

    /// Reads exactly these partitions, each from its position, without the group's say; no `.assigned` event comes.
    package func assign(_ partitions: [TopicPartition: StartPosition]) async throws(KafkaClientError) {
        let before = state.withLock { state in
            defer { state.assigned(partitions.keys) }
            return state.assignment
        }
        try await handle.calls.run("read partitions") { [handle, queues] () throws(KafkaClientError) in
            if !before.isDisjoint(with: partitions.keys) { Self.stop(before, of: handle) }
            let lookedUp = partitions.filter { $0.value == .beginning || $0.value == .end }
            Self.learn(Set(lookedUp.keys.map(\.topic)), with: handle)
            queues.redirect(partitions.keys)
            let list = TopicPartitionList(partitions.mapValues(\.number))
            try handle.check(rd_kafka_assign(handle.client, list.list), "read partitions")
        }
    }

    /// Asks for the metadata of topics, in which an offset is to be looked up: without it librdkafka tries again only after
    /// half a second. It may fail; nothing depends on it but that delay.
    private static func learn(_ topics: Set<String>, with handle: ClientHandle) {
        for topic in topics {
            guard let object = rd_kafka_topic_new(handle.client, topic, nil) else { return }
            defer { rd_kafka_topic_destroy(object) }
            var metadata: UnsafePointer<rd_kafka_metadata>?
            let number = rd_kafka_metadata(handle.client, 0, object, &metadata, Limits.learningTimeoutMilliseconds)
            guard number == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata else { return }
            rd_kafka_metadata_destroy(metadata)
        }
    }

    /// Gives partitions up and waits until librdkafka has stopped reading them.
    ///
    /// It forgets where a partition's records go only when it stops, later than it is told: a partition that is assigned
    /// again at once would lose its redirection, and its records would go nowhere. A seek of a partition stands behind
    /// its stop in librdkafka's queue, so its answer (an error, since nothing is read any more) says that the stop is done.
    private static func stop(_ partitions: Set<TopicPartition>, of handle: ClientHandle) {
        rd_kafka_assign(handle.client, nil)
        let list = TopicPartitionList(Dictionary(partitions.map { ($0, 0) }) { first, _ in first })
        let error = rd_kafka_seek_partitions(handle.client, list.list, Limits.requestTimeoutMilliseconds)
        if let error { rd_kafka_error_destroy(error) }
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

    /// Goes on reading an assigned partition elsewhere. Records of it that were taken before are not delivered.
    package func seek(_ partition: TopicPartition, to position: StartPosition) async throws(KafkaClientError) {
        let doing = "go to another offset of \(partition)"
        try await handle.calls.run(doing) { [handle] () throws(KafkaClientError) in
            let list = TopicPartitionList([partition: position.number])
            let failure = KafkaClientError(
                taking: rd_kafka_seek_partitions(handle.client, list.list, Limits.requestTimeoutMilliseconds),
                doing: doing,
                bootstrap: handle.bootstrap
            )
            if let failure { throw failure }
            for entry in list.entries { try handle.check(entry.error, doing, entry.partition) }
        }
        state.withLock { $0.forget(CollectionOfOne(partition)) }
    }

    /// Delivers no records of these partitions until they are resumed; the group is not told.
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
        // What was held back may be delivered now.
        handle.wakeUp.signal()
    }

    // MARK: Life

    /// Ends a wait for the next event, the one under way or the next one.
    package func interrupt() {
        state.withLock { $0.interrupt() }
        handle.wakeUp.signal()
    }

    /// Asks for the end: `events` gives up the partitions (`.revoked` comes first) and ends.
    package func shutDown() {
        state.withLock { $0.closeAsked() }
        handle.wakeUp.signal()
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
