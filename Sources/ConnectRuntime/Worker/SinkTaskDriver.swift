import ConnectAPI
import KafkaClient
import KafkaTopics
import Logging
import Synchronization

/// The thin shell around `SinkWorkerStateMachine`: takes the consumer's events to it and does what it decides. It lives
/// in the one task of a worker's `run()`.
final class SinkTaskDriver {
    let consumer: KafkaConsumer
    let task: any SinkTask
    let pipeline: RecordPipeline
    let deadLetters: DeadLetterWriter?
    let worker: SinkWorker
    let configuration: SinkWorkerConfiguration
    let topics: TopicSettings
    let logger: Logger
    /// How long topics keep their records, in milliseconds; those that were asked for are there.
    var retentions: [String: Int64?] = [:]
    /// Whether the topic of the dead letter queue is there, as far as is known.
    var hasQueue = false
    /// The partitions whose `.assigned` event is being worked on: their start is set, not sought.
    var assigning: Set<TopicPartition> = []
    /// Why the task ended by itself.
    private(set) var failureReason: String?

    init(
        consumer: KafkaConsumer,
        task: any SinkTask,
        pipeline: RecordPipeline,
        deadLetters: DeadLetterWriter?,
        worker: SinkWorker,
        configuration: SinkWorkerConfiguration,
        topics: TopicSettings,
        logger: Logger
    ) {
        self.consumer = consumer
        self.task = task
        self.pipeline = pipeline
        self.deadLetters = deadLetters
        self.worker = worker
        self.configuration = configuration
        self.topics = topics
        self.logger = logger
    }

    /// Works until the consumer is shut down, the task is cancelled, or the sink's task fails for good.
    func run() async throws(KafkaClientError) {
        while failureReason == nil {
            let next = try await consumer.nextEvent(until: nextWake)
            let now = now
            decide { $0.workBegan(now: now.monotonic) }
            switch next {
            case .event(let event): await handle(event)
            case .deadline: break
            case .end:
                // What was not revoked before (the task was cancelled) is handed over now.
                await perform(decide { $0.stopRequested() })
                await commitDurable()
                return
            }
            await fireTimers()
            await commitDurable()
        }
    }

    var now: Moment { configuration.now() }

    func decide<Decision: Sendable>(_ event: (inout SinkWorkerStateMachine) -> Decision) -> Decision {
        worker.machine.withLock { event(&$0) }
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
            await perform(decide { $0.revoked(partitions) })
            await commitDurable()
            decide { $0.released(partitions) }
        case .lost(let partitions):
            await perform(decide { $0.lost(partitions) })
        case .endOfPartition:
            break
        case .failed(let error):
            logger.warning("the consumer goes on after an error", metadata: [LogKeys.error: "\(error)"])
        }
    }

    // MARK: - Time and progress

    /// When to stop waiting for events.
    private var nextWake: ContinuousClock.Instant? {
        let now = now
        let deadline = task.nextDeadline(now: now)
        decide { $0.deadlineSet(deadline) }
        guard let wake = decide({ $0.nextWake }) else { return nil }
        return .now.advanced(by: .milliseconds(max(0, wake.milliseconds(since: now.monotonic))))
    }

    func fireTimers() async {
        let now = now
        if let deadline = task.nextDeadline(now: now), deadline <= now.monotonic, failureReason == nil {
            do throws(SinkTaskError) {
                try await task.timerFired(now: now)
            } catch {
                await failed(error)
            }
        }
        await perform(decide { $0.timerFired(now: now.monotonic) })
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

    func perform(_ actions: [SinkWorkerAction]) async {
        for action in actions {
            switch action {
            case .open(let partitions): await open(partitions)
            case .reportLoss(let partition, let offsets): await reportLoss(partition, offsets)
            case .resume(let offsets): await resume(offsets)
            case .pause(let partitions): pause(partitions)
            case .close(let partitions, let reason): await close(partitions, reason)
            case .commit(let offsets): await commit(offsets)
            case .end(let reason): failureReason = reason
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

    func commit(_ offsets: [TopicPartition: Int64]) async {
        do throws(KafkaClientError) {
            try await consumer.commit(offsets)
            decide { $0.committed(offsets) }
        } catch {
            logger.warning("the group did not take offsets", metadata: [LogKeys.error: "\(error)"])
            let now = now
            decide { $0.commitFailed(now: now.monotonic) }
        }
    }
}
