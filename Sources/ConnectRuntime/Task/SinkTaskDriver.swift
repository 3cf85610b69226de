import ConnectAPI
import KafkaClient
import KafkaTopics
import Logging
import ServiceLifecycle
import Synchronization

/// The thin shell around `SinkTaskStateMachine`: passes the consumer's events to it and carries out its actions. It
/// belongs to the `run()` of one runner.
final class SinkTaskDriver {
    private let consumer: KafkaConsumer
    private let task: any SinkTask
    private let pipeline: RecordPipeline
    private let deadLetters: DeadLetterQueue?
    private let runner: SinkTaskRunner
    private let configuration: SinkTaskRunnerConfiguration
    private let topics: TaskTopics
    private let logger: Logger
    /// When positions are next compared with the ends of their partitions.
    private var nextObservation: MonotonicTime?
    /// Whether partitions are being given up: their offsets are committed before that ends.
    private var isGivingUp = false
    /// The partitions that are read from a record below their position, to see that the log is the same.
    private var readsBehind: Set<TopicPartition> = []
    /// The partitions whose `.assigned` event is being handled: their start is set, without a seek.
    private var assigning: Set<TopicPartition> = []

    init(
        consumer: KafkaConsumer,
        task: any SinkTask,
        pipeline: RecordPipeline,
        deadLetters: DeadLetterQueue?,
        runner: SinkTaskRunner,
        configuration: SinkTaskRunnerConfiguration,
        topics: TaskTopics,
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
    /// - Throws: why the consumer cannot continue; the partitions are given up then.
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
            topics.roundBegan()
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
            await take(runner.takeFacts())
            await observe()
            await commitDurable()
        }
    }

    private var now: Moment { configuration.now() }

    private func decide<Decision: Sendable>(_ event: (inout SinkTaskStateMachine) -> Decision) -> Decision {
        runner.machine.withLock { event(&$0) }
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
            isGivingUp = true
            await perform(decide { $0.revoked(partitions) })
            await commitDurable()
            // At shutdown their counts stay for the last status.
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

    /// The consumer could not read. A batch that it cannot read fails its partition: librdkafka may step over it by
    /// itself, and then it would look as if the log had no records there.
    private func readingFailed(_ error: KafkaClientError) async {
        // The topic may have been deleted, and made again.
        if error.topicPartition != nil || error.code == .unknownTopic,
            ![.brokersUnreachable, .timedOut].contains(error.code)
        {
            let concerned = error.topicPartition.map { [$0] } ?? decide { $0.running }
            await take(topics.facts(of: Set(concerned.map(\.topic))))
        }
        guard let partition = error.topicPartition else {
            logger.warning("the consumer continues after an error", metadata: [LogKeys.error: "\(error)"])
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

    private func fireTimers() async {
        let now = now
        if let deadline = task.nextDeadline(now: now), deadline <= now.monotonic {
            if await mayFile(now: now.monotonic) { await file(now: now) }
        } else {
            decide { $0.filingGoesOn() }
        }
        await perform(decide { $0.timerFired(now: now.monotonic) })
    }

    private func file(now: Moment) async {
        do throws(SinkTaskError) {
            try await task.timerFired(now: now)
        } catch {
            await failed(error)
        }
    }

    /// Whether the task can file what is due: it would drop what it holds if the cluster did not answer its question.
    private func mayFile(now: MonotonicTime) async -> Bool {
        guard decide({ $0.mayFile(now: now) }) else { return false }
        do throws(KafkaClientError) {
            try await topics.ask()
            decide { $0.filingGoesOn() }
            return true
        } catch {
            let reason = "the cluster does not answer whether topics are still the same ones (\(error))"
            let now = self.now.monotonic
            if decide({ $0.filingWaits(reason, now: now) }) {
                logger.warning("what is due is filed later", metadata: [LogKeys.reason: "\(reason)"])
            }
            return false
        }
    }

    /// Looks for partitions that do not move although they have records.
    private func observe() async {
        let now = now.monotonic
        let running = decide { $0.running }
        guard !running.isEmpty else {
            nextObservation = nil
            return
        }
        if let nextObservation, now < nextObservation { return }
        nextObservation = now.advanced(byMilliseconds: SinkTaskStateMachine.observationMilliseconds)
        let pairs = running.compactMap { partition in
            consumer.highWatermark(of: partition).map { (partition, $0) }
        }
        let ends = Dictionary(pairs) { first, _ in first }
        for partition in decide({ $0.observed(ends, now: now) }) {
            // Without an answer the end is unknown; the partition is stalled all the same.
            let end = try? await consumer.watermarks(of: partition).upperBound
            let (news, isStalled) = decide { machine in
                (machine.answered(partition, end: end, now: now), machine.isStalled(partition))
            }
            if let offset = news {
                logger.error(
                    "a partition has records, but none arrives; hera repair skip steps over an unreadable batch",
                    metadata: [LogKeys.partition: "\(partition)", LogKeys.offset: "\(offset)"]
                )
            }
            if isStalled { await perform(decide { $0.takeOverAnew(partition, now: now) }) }
        }
    }

    /// Applies what has changed about topics: the task is told a new retention, and the partitions of a topic with another
    /// id are opened again, which compares the id with what is filed.
    private func take(_ facts: [String: TopicFacts]) async {
        let running = decide { $0.running }
        let news = topics.news(in: facts, about: running)
        for (topic, milliseconds) in news.retentions {
            task.retentionChanged(ofTopic: topic, milliseconds: milliseconds)
            logger.info("a topic's retention has changed", metadata: [LogKeys.topic: "\(topic)"])
        }
        for partition in running {
            guard let id = news.ids[partition] else { continue }
            let error = SinkTaskError(
                .retriable,
                "the topic's id is \(id); it was \(topics.id(of: partition) ?? "not known") when the partition was taken over",
                partitions: [partition]
            )
            report(error)
            let now = now
            await perform(decide { $0.positionUncertain(partition, error, now: now.monotonic) })
        }
    }

    private func commitDurable() async {
        let durable = task.committable()
        let now = now
        await perform(decide { $0.durable(durable, now: now.monotonic) })
    }

    private func report(_ error: SinkTaskError) {
        logger.warning("the task could not do what it was asked", metadata: [LogKeys.error: "\(error)"])
    }

    private func failed(_ error: SinkTaskError) async {
        report(error)
        let now = now
        await perform(decide { $0.taskFailed(error, now: now.monotonic) })
    }

    // MARK: - Actions

    private func perform(_ actions: [SinkTaskStateMachine.Action]) async {
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

    private func pause(_ partitions: [TopicPartition]) {
        do throws(KafkaClientError) {
            try consumer.pause(partitions)
        } catch {
            // Batches that arrive all the same are dropped, and read again when the partition is opened.
            logger.debug("partitions could not be paused", metadata: [LogKeys.error: "\(error)"])
        }
    }

    private func close(_ partitions: [TopicPartition], _ reason: CloseReason) async {
        do throws(SinkTaskError) {
            try await task.close(partitions, reason, now: now)
        } catch {
            // The next member begins at the last durable record: work is repeated, nothing is lost.
            logger.warning(
                "partitions were not given up cleanly",
                metadata: [LogKeys.partitions: "\(partitions)", LogKeys.error: "\(error)"]
            )
        }
    }

    /// Offsets are committed for other tools: filing does not wait for the group, and giving partitions up waits only
    /// for a limited time.
    private func commit(_ offsets: [TopicPartition: Int64]) async {
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

    // MARK: - Opening

    private func open(_ partitions: [TopicPartition]) async {
        do throws(SinkTaskError) {
            let sinkStarts = try await task.open(try await learn(partitions), now: now)
            try topics.requireAnswer(about: sinkStarts.filter { $0.value.topicID != nil }.map(\.key))
            let (starts, problems) = try await starts(of: partitions, sinkStarts)
            if !starts.isEmpty {
                logger.info("partitions taken over", metadata: [LogKeys.partitions: "\(starts.keys.sorted())"])
            }
            await perform(decide { $0.opened(starts) })
            for problem in problems { await failed(problem) }
        } catch {
            report(error)
            let now = now
            await perform(decide { $0.openFailed(partitions, error, now: now.monotonic) })
        }
    }

    /// Asks about the topics of `partitions`.
    private func learn(_ partitions: [TopicPartition]) async throws(SinkTaskError) -> [SinkPartition] {
        let before = partitions.map(topics.id(of:))
        let opened = try await topics.open(partitions)
        if let refusal = topics.refusal {
            logger.warning(
                "it is not known how long topics keep their records; files are closed without regard to it",
                metadata: [LogKeys.error: "\(refusal)"]
            )
        }
        for (partition, before) in zip(opened, before) where before != nil && partition.topicID != before {
            // The offsets of another topic mean other records.
            configuration.letters.forget(partition.id)
        }
        return opened
    }

    /// Where partitions begin, in the order sink, group, `auto.offset.reset`; and why others cannot begin.
    private func starts(
        of partitions: [TopicPartition],
        _ sinkStarts: [TopicPartition: SinkStart]
    ) async throws(SinkTaskError) -> ([TopicPartition: PartitionStart], problems: [SinkTaskError]) {
        let questions: [PartitionStart.Question]
        do throws(KafkaClientError) {
            questions = try await self.questions(about: partitions, sinkStarts)
        } catch {
            throw SinkTaskError(
                .retriable,
                "the offset to begin at could not be found out",
                partitions: partitions,
                underlying: error
            )
        }
        var starts: [TopicPartition: PartitionStart] = [:]
        var problems: [SinkTaskError] = []
        for question in questions {
            do throws(PartitionStart.Problem) {
                starts[question.partition] = try PartitionStart(question)
            } catch {
                // The offsets of another log mean other records.
                configuration.letters.forget(question.partition)
                problems.append(SinkTaskError(.permanent, error.message, partitions: [question.partition]))
            }
        }
        return (starts, problems)
    }

    private func questions(
        about partitions: [TopicPartition],
        _ sinkStarts: [TopicPartition: SinkStart]
    ) async throws(KafkaClientError) -> [PartitionStart.Question] {
        let group = try await consumer.committed(partitions.filter { sinkStarts[$0]?.next == nil })
        var questions: [PartitionStart.Question] = []
        for partition in partitions {
            let kept = try await consumer.watermarks(of: partition)
            questions.append(
                PartitionStart.Question(
                    partition,
                    sink: sinkStarts[partition],
                    group: group[partition],
                    reset: configuration.settings.reset,
                    earliest: kept.lowerBound,
                    latest: kept.upperBound,
                    topicID: topics.id(of: partition)
                )
            )
        }
        return questions
    }

    private func reportLoss(_ partition: TopicPartition, _ offsets: Range<Int64>) async {
        // The sink logs the loss once it is durable: until then each takeover finds it again.
        var builder = SinkRecordsBuilder(partition: partition, firstOffset: offsets.lowerBound)
        builder.skip(to: offsets.upperBound, .lost)
        await put(builder.finish())
    }

    private func resume(_ offsets: [TopicPartition: Int64]) async {
        for (partition, offset) in offsets {
            // An action before this one may have failed and changed the phase.
            guard let position = decide({ $0.position(of: partition) }) else { continue }
            if offset < position { readsBehind.insert(partition) } else { readsBehind.remove(partition) }
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

    // MARK: - Records

    private func take(_ batch: ConsumedBatch) async {
        let partition = batch.topicPartition
        guard let position = decide({ $0.position(of: partition) }) else {
            // It waits to be opened again; its records are read again then.
            await perform([.pause([partition])])
            return
        }
        guard await isSameLog(batch) else { return }
        let repeated = batch.count(whileOffset: { $0 < position })
        if repeated == batch.count, readsBehind.contains(partition) {
            // It was read only to compare the log.
            return
        }
        let earliest: Int64
        do throws(SinkTaskError) {
            guard repeated == 0 || readsBehind.contains(partition) else { throw outOfRange(batch, position) }
            readsBehind.remove(partition)
            earliest = try await self.earliest(of: batch, without: repeated, at: position)
        } catch {
            logger.warning("the partition is opened again", metadata: [LogKeys.error: "\(error)"])
            let now = now
            await perform(decide { $0.positionUncertain(partition, error, now: now.monotonic) })
            return
        }
        var builder = SinkRecordsBuilder(
            partition: partition,
            firstOffset: position,
            recordCapacity: batch.count,
            keyByteCapacity: batch.keyByteCount,
            valueByteCapacity: batch.valueByteCount
        )
        builder.earliest = earliest
        batch.forEachRecord { record in
            builder.append(
                offset: record.offset,
                timestamp: record.timestamp,
                key: record.key,
                value: record.value,
                headers: record.headers()
            )
        }
        await put(builder.finish())
    }

    /// Whether the first batch since a takeover has the record that the sink knows: no record of another log reaches the
    /// task. Where the log no longer has a record at this offset (retention, compaction) there is nothing to compare.
    private func isSameLog(_ batch: ConsumedBatch) async -> Bool {
        let partition = batch.topicPartition
        guard let known = decide({ $0.takeExpected(of: partition) }) else { return true }
        let found = batch.withRecord(at: 0) { record in
            RecordFingerprint(
                offset: record.offset,
                timestamp: record.timestamp,
                key: record.key,
                value: record.value
            )
        }
        guard found.offset >= known.offset else {
            // The offset is out of range, so librdkafka went to the beginning.
            let error = outOfRange(batch, known.offset)
            let now = now
            await perform(decide { $0.positionUncertain(partition, error, now: now.monotonic) })
            return false
        }
        guard found.offset == known.offset, found != known else { return true }
        configuration.letters.forget(partition)
        let mismatch = LogMismatch.record(known: known, found: found)
        await failed(SinkTaskError(.permanent, mismatch.message(of: partition), partitions: [partition]))
        return false
    }

    /// The first offset that Kafka still has; looked up only where `batch` leaves out offsets from `position` on.
    ///
    /// librdkafka continues at the first offset where the requested one is out of range. It could stop the partition
    /// instead (`auto.offset.reset=error`), but a seek does not start a stopped partition again.
    ///
    /// - Throws: where the cluster does not answer.
    private func earliest(
        of batch: ConsumedBatch,
        without repeated: Int,
        at position: Int64
    ) async throws(SinkTaskError) -> Int64 {
        let partition = batch.topicPartition
        guard batch.nextOffset - position > batch.count - repeated else { return position }
        do throws(KafkaClientError) {
            return try await consumer.watermarks(of: partition).lowerBound
        } catch {
            throw SinkTaskError(
                .retriable,
                "it could not be found out which records from offset \(position) on Kafka still has",
                partitions: [partition],
                underlying: error
            )
        }
    }

    private func outOfRange(_ batch: ConsumedBatch, _ offset: Int64) -> SinkTaskError {
        SinkTaskError(
            .retriable,
            "offset \(offset), the next to be read, is out of range: Kafka sent offset \(batch.firstOffset)",
            partitions: [batch.topicPartition]
        )
    }

    /// Passes a batch through converter and transforms to the task. It is the batch's only owner, so converters change
    /// it in place without a copy.
    private func put(_ records: consuming SinkRecords) async {
        let partition = records.partition
        topics.read(partition)
        do throws(SinkTaskError) {
            let letters = try pipeline.process(&records)
            try await setAside(letters)
            try await task.put(records, now: now)
        } catch {
            report(error)
            let now = now
            await perform(decide { $0.putFailed(partition, error, now: now.monotonic) })
            return
        }
        SinkMetrics.count(records)
        let highWatermark = consumer.highWatermark(of: partition)
        decide { $0.put(records, highWatermark: highWatermark) }
    }

    /// Writes letters to the dead letter queue before their batch goes to the task.
    private func setAside(_ letters: [DeadLetter]) async throws(SinkTaskError) {
        guard !letters.isEmpty, let deadLetters else { return }
        try await deadLetters.setAside(letters) { count, cause in decide { $0.setAside(count, because: cause) } }
    }
}
