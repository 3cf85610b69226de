import ConnectAPI
import KafkaClient
import KafkaTopics
import Logging
import Synchronization

/// The thin shell around `SinkWorkerStateMachine`: takes the consumer's events to it and does what it decides. It lives
/// in the one task of a worker's `run()`.
final class SinkTaskDriver {
    private let consumer: KafkaConsumer
    private let task: any SinkTask
    private let pipeline: RecordPipeline
    private let deadLetters: DeadLetterWriter?
    private let worker: SinkWorker
    private let configuration: SinkWorkerConfiguration
    private let logger: Logger
    /// The partitions whose `.assigned` event is being worked on: their start is set, not sought.
    private var assigning: Set<TopicPartition> = []
    /// Why the task ended by itself.
    private(set) var failureReason: String?

    init(
        consumer: KafkaConsumer,
        task: any SinkTask,
        pipeline: RecordPipeline,
        deadLetters: DeadLetterWriter?,
        worker: SinkWorker,
        configuration: SinkWorkerConfiguration,
        logger: Logger
    ) {
        self.consumer = consumer
        self.task = task
        self.pipeline = pipeline
        self.deadLetters = deadLetters
        self.worker = worker
        self.configuration = configuration
        self.logger = logger
    }

    /// Works until the consumer is shut down, the task is cancelled, or the sink's task fails for good.
    func run() async throws(KafkaClientError) {
        while failureReason == nil {
            switch try await consumer.nextEvent(until: nextWake) {
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

    private var now: Timestamp { configuration.now() }

    private func decide<Decision: Sendable>(_ event: (inout SinkWorkerStateMachine) -> Decision) -> Decision {
        worker.machine.withLock { event(&$0) }
    }

    // MARK: - Events

    private func handle(_ event: KafkaConsumerEvent) async {
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
            let now = now
            if let partition = error.topicPartition, [.offsetOutOfRange, .noOffset].contains(error.code) {
                await perform(decide { $0.positionOutOfRange(partition, now: now) })
            } else {
                logger.warning("the consumer goes on after an error", metadata: [LogKeys.error: "\(error)"])
            }
        }
    }

    private func take(_ batch: ConsumedBatch) async {
        let partition = batch.topicPartition
        guard let position = decide({ $0.position(of: partition) }) else {
            // It waits for another try; its records are read again then.
            await perform([.pause([partition])])
            return
        }
        var builder = SinkRecordsBuilder(partition: partition, firstOffset: position, recordCapacity: batch.count)
        batch.forEachRecord { record in
            builder.append(
                offset: record.offset,
                timestamp: record.timestamp.map(Timestamp.init(milliseconds:)) ?? .unknown,
                key: record.key,
                value: record.value,
                headers: record.headers().map { RecordHeader(name: $0.name, value: $0.value) }
            )
        }
        guard builder.next > position else { return }
        await put(builder.finish())
    }

    private func put(_ received: SinkRecords) async {
        var records = received
        do throws(SinkTaskError) {
            let letters = try pipeline.process(&records)
            try await setAside(letters)
            try await task.put(records, now: now)
        } catch {
            report(error)
            let now = now
            await perform(decide { $0.putFailed(records.partition, error, now: now) })
            return
        }
        let now = now
        decide { $0.put(records, highWatermark: nil, now: now) }
    }

    private func setAside(_ letters: [DeadLetter]) async throws(SinkTaskError) {
        guard let first = letters.first, let deadLetters else { return }
        if configuration.settings.logsErrors {
            for letter in letters {
                logger.warning(
                    "a record is set aside",
                    metadata: [
                        LogKeys.partition: "\(letter.partition)",
                        LogKeys.offset: "\(letter.offset)",
                        LogKeys.stage: "\(letter.stage.rawValue)",
                        LogKeys.reason: "\(letter.message)",
                    ]
                )
            }
        }
        do throws(KafkaClientError) {
            try await deadLetters.write(letters)
        } catch {
            throw SinkTaskError(
                .retriable,
                "records could not be set aside in '\(deadLetters.settings.topic)'",
                partitions: [first.partition],
                underlying: error
            )
        }
    }

    // MARK: - Time and progress

    /// When to stop waiting for events.
    private var nextWake: ContinuousClock.Instant? {
        let now = now
        let deadline = task.nextDeadline(now: now)
        guard let wake = decide({ $0.nextWake(taskDeadline: deadline) }) else { return nil }
        return .now.advanced(by: .milliseconds(max(0, wake.milliseconds(since: now))))
    }

    private func fireTimers() async {
        let now = now
        if let deadline = task.nextDeadline(now: now), deadline <= now, failureReason == nil {
            do throws(SinkTaskError) {
                try await task.timerFired(now: now)
            } catch {
                await failed(error)
            }
        }
        await perform(decide { $0.timerFired(now: now) })
    }

    private func commitDurable() async {
        let durable = task.committable()
        let now = now
        await perform(decide { $0.durable(durable, now: now) })
    }

    private func report(_ error: SinkTaskError) {
        logger.warning("the task could not do what it was asked", metadata: [LogKeys.error: "\(error)"])
    }

    private func failed(_ error: SinkTaskError) async {
        report(error)
        let now = now
        await perform(decide { $0.taskFailed(error, now: now) })
    }

    // MARK: - Actions

    private func perform(_ actions: [SinkWorkerAction]) async {
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

    private func open(_ partitions: [TopicPartition]) async {
        do throws(SinkTaskError) {
            let wishes = try await task.open(partitions.map { SinkPartition($0) }, now: now)
            let starts = try await starts(of: partitions, wishes)
            logger.info("partitions are taken over", metadata: [LogKeys.partitions: "\(partitions)"])
            await perform(decide { $0.opened(starts) })
        } catch {
            await failed(error)
        }
    }

    /// Where partitions begin: the sink's word, then the group's, then `auto.offset.reset`.
    private func starts(
        of partitions: [TopicPartition],
        _ wishes: [TopicPartition: Int64]
    ) async throws(SinkTaskError) -> [TopicPartition: PartitionStart] {
        var starts: [TopicPartition: PartitionStart] = [:]
        do {
            let group = try await consumer.committed(partitions.filter { wishes[$0] == nil })
            for partition in partitions {
                let kept = try await consumer.watermarks(of: partition)
                starts[partition] = try PartitionStart(
                    PartitionStart.Question(
                        sink: wishes[partition],
                        group: group[partition],
                        reset: configuration.settings.reset,
                        earliest: kept.lowerBound,
                        latest: kept.upperBound
                    )
                )
            }
        } catch let problem as PartitionStart.Problem {
            throw SinkTaskError(.permanent, problem.message, partitions: partitions)
        } catch {
            throw SinkTaskError(
                .retriable,
                "the place to begin could not be found out",
                partitions: partitions,
                underlying: error
            )
        }
        return starts
    }

    private func reportLoss(_ partition: TopicPartition, _ offsets: Range<Int64>) async {
        logger.error(
            "retention removed records before they were filed",
            metadata: [LogKeys.partition: "\(partition)", LogKeys.offsets: "\(offsets)"]
        )
        var builder = SinkRecordsBuilder(partition: partition, firstOffset: offsets.lowerBound)
        builder.skip(to: offsets.upperBound, .lost)
        await put(builder.finish())
    }

    private func resume(_ offsets: [TopicPartition: Int64]) async {
        for (partition, offset) in offsets {
            // What was done for the partition before may have failed and changed its phase.
            guard decide({ $0.position(of: partition) }) != nil else { continue }
            do throws(KafkaClientError) {
                if assigning.contains(partition) {
                    try consumer.start(partition, at: .offset(offset))
                } else {
                    try await consumer.seek(partition, to: .offset(offset))
                    try consumer.resume([partition])
                }
            } catch {
                await failed(
                    SinkTaskError(
                        .retriable,
                        "reading could not begin at offset \(offset)",
                        partitions: [partition],
                        underlying: error
                    )
                )
            }
        }
    }

    private func pause(_ partitions: [TopicPartition]) {
        do throws(KafkaClientError) {
            try consumer.pause(partitions)
        } catch {
            // Batches that arrive all the same are dropped, and read again when the partition goes on.
            logger.debug("partitions could not be paused", metadata: [LogKeys.error: "\(error)"])
        }
    }

    private func close(_ partitions: [TopicPartition], _ reason: CloseReason) async {
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

    private func commit(_ offsets: [TopicPartition: Int64]) async {
        do throws(KafkaClientError) {
            try await consumer.commit(offsets)
            decide { $0.committed(offsets) }
        } catch {
            logger.warning("the group did not take offsets", metadata: [LogKeys.error: "\(error)"])
            let now = now
            decide { $0.commitFailed(now: now) }
        }
    }
}
