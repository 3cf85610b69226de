import ConnectAPI
import KafkaClient
import KafkaTopics
import Logging
import ServiceLifecycle
import Synchronization

/// The thin shell around `SinkTaskStateMachine`: takes the consumer's events to it and does what it decides. It lives
/// in the one task of a runner's `run()`.
final class SinkTaskDriver {
    let consumer: KafkaConsumer
    let task: any SinkTask
    let pipeline: RecordPipeline
    let deadLetters: DeadLetterWriter?
    let runner: SinkTaskRunner
    let configuration: SinkTaskRunnerConfiguration
    let topics: TopicSettings
    let logger: Logger
    /// What the task was last told of topics.
    var known: [String: TopicFacts] = [:]
    /// When positions are next held against the ends of their partitions.
    private var nextObservation: MonotonicTime?
    /// Whether partitions are being given up: their offsets are committed before that goes on.
    private var isGivingUp = false
    /// Whether the topic of the dead letter queue is there, as far as is known.
    var hasQueue = false
    /// The partitions that are read from a record before their position, to see that the log is the same.
    var readsBehind: Set<TopicPartition> = []
    /// The partitions whose `.assigned` event is being worked on: their start is set, not sought.
    var assigning: Set<TopicPartition> = []

    init(
        consumer: KafkaConsumer,
        task: any SinkTask,
        pipeline: RecordPipeline,
        deadLetters: DeadLetterWriter?,
        runner: SinkTaskRunner,
        configuration: SinkTaskRunnerConfiguration,
        topics: TopicSettings,
        logger: Logger
    ) {
        self.consumer = consumer
        self.task = task
        self.pipeline = pipeline
        self.deadLetters = deadLetters
        self.runner = runner
        self.configuration = configuration
        self.topics = topics
        self.logger = logger
    }

    /// Works until the consumer is shut down, or the task is cancelled.
    ///
    /// - Throws: why the consumer cannot go on; the partitions are given up then.
    func run() async throws(KafkaClientError) {
        do throws(KafkaClientError) {
            try await work()
        } catch {
            await perform(decide { $0.failed(reason: "\(error)") })
            throw error
        }
    }

    private func work() async throws(KafkaClientError) {
        while true {
            let next = try await consumer.nextEvent(until: nextWake)
            let now = now
            decide { $0.workBegan(now: now.monotonic) }
            switch next {
            case .event(let event): await handle(event)
            case .deadline: break
            case .end:
                // What was not revoked before (the task was cancelled) is handed over now.
                isGivingUp = true
                await perform(decide { $0.stopRequested() })
                await commitDurable()
                return
            }
            await fireTimers()
            await takeFacts()
            await observe()
            await commitDurable()
        }
    }

    var now: Moment { configuration.now() }

    func decide<Decision: Sendable>(_ event: (inout SinkTaskStateMachine) -> Decision) -> Decision {
        runner.machine.withLock { event(&$0) }
    }

    // MARK: - Events

    func handle(_ event: KafkaConsumerEvent) async {
        switch event {
        case .batch(let batch): await take(batch)
        case .assigned(let partitions):
            assigning = Set(partitions)
            await perform(decide { $0.assigned(partitions) })
            assigning = []
        case .revoked(let partitions):
            isGivingUp = true
            await perform(decide { $0.revoked(partitions) })
            await commitDurable()
            // At the end of the work their figures stay, for the last status.
            if !Task.isShuttingDownGracefully { decide { $0.released(partitions) } }
            isGivingUp = false
        case .lost(let partitions):
            await perform(decide { $0.lost(partitions) })
        case .endOfPartition:
            break
        case .committed(let offsets, let error):
            decide { $0.committed(offsets) }
            if let error { commitFailed(error) }
        case .failed(let error):
            await readingFailed(error)
        }
    }

    /// The consumer could not read. A batch that it cannot read is its partition's trouble: librdkafka may pass over it
    /// by itself, and then its records would look as if the log had none there.
    private func readingFailed(_ error: KafkaClientError) async {
        guard let partition = error.topicPartition else {
            logger.warning("the consumer goes on after an error", metadata: [LogKeys.error: "\(error)"])
            return
        }
        guard [.unreadable, .recordTooLarge].contains(error.code), let position = decide({ $0.position(of: partition) })
        else {
            if decide({ $0.readingFailed(partition, "\(error)") }) {
                logger.warning(
                    "a partition cannot be read at the moment",
                    metadata: [LogKeys.partition: "\(partition)", LogKeys.error: "\(error)"]
                )
            }
            return
        }
        let failure = SinkTaskError(
            .permanent,
            """
            the batch at or behind offset \(position) cannot be read. To step over it: hera repair skip \(partition)
            """,
            partitions: [partition],
            underlying: error
        )
        report(failure)
        let now = now
        await perform(decide { $0.positionUncertain(partition, failure, now: now.monotonic) })
    }

    // MARK: - Time and progress

    /// When to stop waiting for events.
    private var nextWake: ContinuousClock.Instant? {
        let now = now
        let deadline = task.nextDeadline(now: now)
        decide { $0.deadlineSet(deadline) }
        let wakes = [decide { $0.nextWake }, nextObservation].compactMap(\.self)
        guard let wake = wakes.min() else { return nil }
        return .now.advanced(by: .milliseconds(max(0, wake.milliseconds(since: now.monotonic))))
    }

    func fireTimers() async {
        let now = now
        if let deadline = task.nextDeadline(now: now), deadline <= now.monotonic {
            do throws(SinkTaskError) {
                try await task.timerFired(now: now)
            } catch {
                await failed(error)
            }
        }
        await perform(decide { $0.timerFired(now: now.monotonic) })
    }

    /// Looks whether partitions stand though they have records.
    private func observe() async {
        let now = now.monotonic
        let awaited = decide { $0.awaited }
        guard !awaited.isEmpty else {
            nextObservation = nil
            return
        }
        if let nextObservation, now < nextObservation { return }
        nextObservation = now.advanced(byMilliseconds: SinkTaskStateMachine.observationMilliseconds)
        let pairs = awaited.compactMap { partition in
            consumer.highWatermark(of: partition).map { (partition, $0) }
        }
        let ends = Dictionary(pairs) { first, _ in first }
        for partition in decide({ $0.observed(ends, now: now) }) {
            // A broker that does not answer leaves it open where the partition ends: it stands all the same.
            let end = try? await consumer.watermarks(of: partition).upperBound
            let (news, isStalled) = decide { machine in
                (machine.answered(partition, end: end, now: now), machine.isStalled(partition))
            }
            if let offset = news {
                logger.error(
                    "nothing comes of a partition though it has records; hera repair skip steps over an unreadable batch",
                    metadata: [LogKeys.partition: "\(partition)", LogKeys.offset: "\(offset)"]
                )
            }
            if isStalled { await perform(decide { $0.takeOverAnew(partition, now: now) }) }
        }
    }

    /// Takes what has changed about topics since they were last asked about: the task is told of another retention, and the
    /// partitions of a topic with another id are taken over anew, which compares it with what is filed.
    private func takeFacts() async {
        for (topic, facts) in runner.takeFacts() {
            guard let before = known[topic] else { continue }
            if before.retentionMilliseconds != facts.retentionMilliseconds {
                task.retentionChanged(ofTopic: topic, milliseconds: facts.retentionMilliseconds)
                logger.info("a topic's retention has changed", metadata: [LogKeys.topic: "\(topic)"])
            }
            known[topic] = TopicFacts(
                retentionMilliseconds: facts.retentionMilliseconds,
                id: facts.id ?? before.id
            )
            guard let id = facts.id, id != before.id else { continue }
            let now = now
            for partition in decide({ $0.awaited }) where partition.topic == topic {
                let error = SinkTaskError(
                    .retriable,
                    "the topic's id is \(id); it was \(before.id ?? "not known") when the partition was taken over",
                    partitions: [partition]
                )
                report(error)
                await perform(decide { $0.positionUncertain(partition, error, now: now.monotonic) })
            }
        }
    }

    func commitDurable() async {
        let durable = task.committable()
        let now = now
        await perform(decide { $0.durable(durable, now: now.monotonic) })
    }

    func report(_ error: SinkTaskError) {
        logger.warning("the task could not do what it was asked", metadata: [LogKeys.error: "\(error)"])
    }

    func failed(_ error: SinkTaskError) async {
        report(error)
        let now = now
        await perform(decide { $0.taskFailed(error, now: now.monotonic) })
    }

    // MARK: - Actions

    func perform(_ actions: [SinkTaskAction]) async {
        for action in actions {
            switch action {
            case .open(let partitions): await open(partitions)
            case .reportLoss(let partition, let offsets): await reportLoss(partition, offsets)
            case .resume(let offsets): await resume(offsets)
            case .pause(let partitions): pause(partitions)
            case .close(let partitions, let reason): await close(partitions, reason)
            case .commit(let offsets): await commit(offsets)
            }
        }
    }

    func pause(_ partitions: [TopicPartition]) {
        do throws(KafkaClientError) {
            try consumer.pause(partitions)
        } catch {
            // Batches that arrive all the same are dropped, and read again when the partition goes on.
            logger.debug("partitions could not be paused", metadata: [LogKeys.error: "\(error)"])
        }
    }

    func close(_ partitions: [TopicPartition], _ reason: CloseReason) async {
        do throws(SinkTaskError) {
            try await task.close(partitions, reason, now: now)
        } catch {
            // Whoever opens them next begins at the last durable record, so nothing is lost; work is repeated.
            logger.warning(
                "partitions were not given up cleanly",
                metadata: [LogKeys.partitions: "\(partitions)", LogKeys.error: "\(error)"]
            )
        }
    }

    /// Offsets are committed for other tools to see: filing does not wait for the group, and giving partitions up only
    /// for a while.
    func commit(_ offsets: [TopicPartition: Int64]) async {
        do throws(KafkaClientError) {
            guard isGivingUp else {
                let now = now
                try consumer.beginCommit(offsets)
                decide { $0.commitBegan(now: now.monotonic) }
                return
            }
            try await consumer.commit(offsets, within: Limits.closingCommitMilliseconds)
            decide { $0.committed(offsets) }
        } catch {
            commitFailed(error)
        }
    }

    private func commitFailed(_ error: KafkaClientError) {
        logger.warning("the group did not take offsets", metadata: [LogKeys.error: "\(error)"])
        let now = now
        decide { $0.commitFailed(now: now.monotonic) }
    }
}
