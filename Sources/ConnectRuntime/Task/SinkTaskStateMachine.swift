package import ConnectAPI
package import KafkaTopics

/// What a runner does with the partitions of one task. Pure: events go in, actions come out, the time is a parameter.
///
///     assigned ──► opening ──opened──► running ──revoked/lost──► (given up)
///                   ▲  │                  │
///        timerFired │  │ openFailed       │ taskFailed, putFailed, positionUncertain
///                   │  ▼                  │
///                  waiting ◄──────────────┘
///
/// Rules:
/// - A batch is handed to the task only while its partition is `running`, and always from `position` on, so the task
///   sees each offset of a partition once and in order between an `open` and the next `close`.
/// - After an error the partition is closed and opened again: the task says which offset is durable, and reading begins
///   there. An error can repeat work, but never loses records.
/// - The delay between tries doubles until something becomes durable again, or everything is filed.
/// - A partition that cannot be opened does not delay those that were opened in the same call.
/// - A permanent error concerns only the partitions it names. They count as failed and are tried again like the others,
///   since an operator may have fixed the cause: nothing is ever skipped.
/// - Where the sink knows the last record below a partition's position, that record is read first. A different record
///   at its offset means a different log: the partition fails, and none of its records reaches the task.
package struct SinkTaskStateMachine: Sendable {
    /// What the runner has to do next, in order; `SinkTaskDriver` does it.
    package enum Action: Hashable, Sendable {
        /// Ask the task to take partitions over, and find out where they begin.
        case open([TopicPartition])
        /// Tell the task that the records of `offsets` are gone.
        case reportLoss(TopicPartition, offsets: Range<Int64>)
        /// Read partitions from these offsets on.
        case resume([TopicPartition: Int64])
        /// Read nothing more of partitions until they are resumed.
        case pause([TopicPartition])
        /// Ask the task to give partitions up.
        case close([TopicPartition], CloseReason)
        /// Commit these offsets to the consumer group.
        case commit([TopicPartition: Int64])
    }

    /// How the task ended.
    private enum End: Hashable, Sendable {
        case failed(reason: String)
        case stopped
    }

    /// How long the task may miss its own deadline, or work on one event, before it counts as degraded, in milliseconds.
    package static let stallMilliseconds: Int64 = 600_000

    /// The delay before offsets that the group refused are committed again, in milliseconds.
    package static let commitRetryMilliseconds: Int64 = 5_000

    /// How long the answer to a commit is awaited, in milliseconds.
    package static let commitAnswerMilliseconds: Int64 = 10_000

    /// How often positions are compared with the ends of their partitions, in milliseconds.
    package static let observationMilliseconds: Int64 = 10_000

    /// How long a position may stay below the end of its partition without moving before the cluster is asked about it,
    /// in milliseconds.
    package static let standstillMilliseconds: Int64 = 60_000

    /// The longest delay between two such questions, in milliseconds.
    package static let standstillWaitMillisecondsMax: Int64 = 240_000

    /// The delay before the cluster is asked again whether topics are still the same ones, in milliseconds.
    package static let questionRetryMilliseconds: Int64 = 1_000

    private let retry: RetryPolicy
    private var partitions: [TopicPartition: OwnedPartition] = [:]
    private var commitNotBefore: MonotonicTime?
    /// When the commit under way times out; `nil` where there is none.
    private var commitDue: MonotonicTime?
    /// How many records were set aside, by cause.
    private var deadLetters: [String: Int64] = [:]
    /// When the task wants to file what it holds, as it last said.
    private var taskDeadline: MonotonicTime?
    /// Why what is due is not filed yet, and until when nothing is tried.
    private var filingWait: (reason: String, until: MonotonicTime)?
    /// Since when the runner works on an event; `nil` while it waits for one.
    private var workingSince: MonotonicTime?
    private var end: End?

    package init(retry: RetryPolicy) {
        self.retry = retry
    }

    // MARK: - Assignment

    /// The group assigned partitions to this runner.
    package mutating func assigned(_ added: [TopicPartition]) -> [Action] {
        guard end == nil, !added.isEmpty else { return [] }
        for partition in added {
            partitions[partition] = OwnedPartition()
        }
        return [.open(added)]
    }

    /// The task took partitions over, and this is where they begin.
    package mutating func opened(_ starts: [TopicPartition: PartitionStart]) -> [Action] {
        var actions: [Action] = []
        var resumed: [TopicPartition: Int64] = [:]
        for (partition, start) in starts.sorted(by: { $0.key < $1.key }) {
            guard let offset = partitions[partition]?.opened(start) else { continue }
            if start.offset > start.wanted {
                actions.append(.reportLoss(partition, offsets: start.wanted..<start.offset))
            }
            resumed[partition] = offset
        }
        return resumed.isEmpty ? [] : actions + [.resume(resumed)]
    }

    /// The group revokes partitions and waits until they are given up: what the task holds is filed first. Their
    /// offsets are committed even after a refusal: later they belong to another member.
    package mutating func revoked(_ removed: [TopicPartition]) -> [Action] {
        let open = giveUp(removed)
        forgetCommit()
        return open.isEmpty ? [] : [.close(open, .handedOver)]
    }

    /// The group has already assigned partitions to another member.
    package mutating func lost(_ removed: [TopicPartition]) -> [Action] {
        let open = giveUp(removed)
        for partition in removed {
            partitions[partition] = nil
        }
        return open.isEmpty ? [] : [.close(open, .lost)]
    }

    /// Revoked partitions are closed and their durable offsets committed: they are no longer ours. A task that has ended
    /// keeps their counts for its last status.
    package mutating func released(_ removed: [TopicPartition]) {
        guard end == nil else { return }
        for partition in removed {
            partitions[partition] = nil
        }
    }

    /// The runner is asked to stop.
    package mutating func stopRequested() -> [Action] {
        guard end == nil else { return [] }
        end = .stopped
        forgetCommit()
        let open = giveUp(Array(partitions.keys))
        return open.isEmpty ? [] : [.close(open, .handedOver)]
    }

    /// Those of `removed` that the task has open, in order; from now on no batch of them is taken.
    private mutating func giveUp(_ removed: [TopicPartition]) -> [TopicPartition] {
        removed.sorted().filter { partitions[$0]?.giveUp() == true }
    }

    private mutating func forgetCommit() {
        commitNotBefore = nil
        commitDue = nil
    }

    // MARK: - Records

    /// The record that has to come first, to be compared with the one that comes; returned once.
    package mutating func takeExpected(of partition: TopicPartition) -> RecordFingerprint? {
        partitions[partition]?.takeExpected()
    }

    /// Records were set aside for this cause.
    ///
    /// - Returns: whether it is the first time.
    package mutating func setAside(_ count: Int64, because cause: String) -> Bool {
        defer { deadLetters[cause, default: 0] += count }
        return deadLetters[cause] == nil
    }

    /// From which offset on a batch of `partition` is to be handed over; `nil`: the batch is stale, and is dropped.
    package func position(of partition: TopicPartition) -> Int64? {
        guard let owned = partitions[partition], owned.phase == .running else { return nil }
        return owned.position
    }

    /// The task took `records`.
    package mutating func put(_ records: SinkRecords, highWatermark: Int64?) {
        partitions[records.partition]?.put(
            next: records.nextOffset,
            delivered: Int64(records.count),
            skipped: records.skippedCounts(in: records.firstOffset..<records.nextOffset),
            highWatermark: highWatermark
        )
    }

    // MARK: - Progress

    /// The offsets that are durable, as the task says.
    package mutating func durable(_ offsets: [TopicPartition: Int64], now: MonotonicTime) -> [Action] {
        for (partition, offset) in offsets {
            partitions[partition]?.durable(offset)
        }
        for partition in partitions.keys {
            partitions[partition]?.recoverIfCaughtUp()
        }
        if commitDue != nil { return [] }
        if let commitNotBefore, now < commitNotBefore { return [] }
        commitNotBefore = nil
        let due = partitions.compactMapValues(\.offsetToCommit)
        return due.isEmpty ? [] : [.commit(due)]
    }

    /// A commit was sent to the group, and its answer is awaited.
    package mutating func commitBegan(now: MonotonicTime) {
        commitDue = now.advanced(byMilliseconds: Self.commitAnswerMilliseconds)
    }

    /// The group committed these offsets.
    package mutating func committed(_ offsets: [TopicPartition: Int64]) {
        forgetCommit()
        for (partition, offset) in offsets {
            partitions[partition]?.committed(offset)
        }
    }

    /// The group did not commit. The offsets only serve other tools, so work goes on and they are sent again.
    package mutating func commitFailed(now: MonotonicTime) {
        commitDue = nil
        commitNotBefore = now.advanced(byMilliseconds: Self.commitRetryMilliseconds)
    }

    // MARK: - Failures

    /// The task did not take the partitions `asked` over, or where they begin could not be found out.
    ///
    /// Those that the error names wait. The state of the others is unknown after an `open` that failed, so they are
    /// closed as well, and opened again at once. An error that names none of them concerns all.
    package mutating func openFailed(
        _ asked: [TopicPartition],
        _ error: SinkTaskError,
        now: MonotonicTime
    ) -> [Action] {
        guard end == nil else { return [] }
        let asked = asked.filter { partitions[$0] != nil }.sorted()
        let others = asked.filter { !error.partitions.contains($0) }
        guard others.count < asked.count else { return taskFailed(error, alsoAbout: asked, now: now) }
        let actions = taskFailed(error, now: now)
        return others.isEmpty ? actions : actions + [.close(others, .abandoned), .open(others)]
    }

    /// The task failed.
    package mutating func taskFailed(_ error: SinkTaskError, now: MonotonicTime) -> [Action] {
        taskFailed(error, alsoAbout: [], now: now)
    }

    /// The task did not take a batch of `partition`. This partition is concerned whether or not the error names it:
    /// continuing behind the batch would leave a gap.
    package mutating func putFailed(
        _ partition: TopicPartition,
        _ error: SinkTaskError,
        now: MonotonicTime
    ) -> [Action] {
        taskFailed(error, alsoAbout: [partition], now: now)
    }

    /// An error that concerns `more` besides the partitions that it names; one that names none concerns all.
    private mutating func taskFailed(
        _ error: SinkTaskError,
        alsoAbout more: [TopicPartition],
        now: MonotonicTime
    ) -> [Action] {
        guard end == nil else { return [] }
        var failures: [TopicPartition: SinkTaskError] = [:]
        for part in error.parts {
            let named = part.partitions.isEmpty ? Array(partitions.keys) : part.partitions
            for partition in named where failures[partition] == nil { failures[partition] = part }
        }
        for partition in more where failures[partition] == nil { failures[partition] = error }
        return openLater(failures, closing: .abandoned, now: now)
    }

    /// The next records of `partition` do not follow those read before, cannot be read, or it is unknown whether they
    /// follow: `error` says which. The task is well, and first files what it holds: Kafka may no longer have those
    /// records.
    package mutating func positionUncertain(
        _ partition: TopicPartition,
        _ error: SinkTaskError,
        now: MonotonicTime
    ) -> [Action] {
        guard end == nil, partitions[partition]?.phase == .running else { return [] }
        return openLater([partition: error], closing: .handedOver, now: now)
    }

    /// The runner ends by an error that concerns more than its partitions.
    package mutating func failed(reason: String) -> [Action] {
        guard end == nil else { return [] }
        end = .failed(reason: reason)
        // The task may have those that are being opened already.
        let open = partitions.filter { [.running, .opening].contains($0.value.phase) }.keys.sorted()
        _ = giveUp(open)
        return open.isEmpty ? [] : [.pause(open), .close(open, .abandoned)]
    }

    /// Each partition has failed with its own error; those that are not owned are ignored.
    private mutating func openLater(
        _ failures: [TopicPartition: SinkTaskError],
        closing: CloseReason,
        now: MonotonicTime
    ) -> [Action] {
        let concerned = failures.keys.filter { partitions[$0] != nil }.sorted()
        for (partition, error) in failures {
            partitions[partition]?.fail(error, closing: closing, retry, now: now)
        }
        return concerned.isEmpty ? [] : [.pause(concerned), .close(concerned, closing)]
    }

    // MARK: - Time

    /// The time has come that `nextWake` named.
    package mutating func timerFired(now: MonotonicTime) -> [Action] {
        guard end == nil else { return [] }
        if let commitDue, commitDue <= now { commitFailed(now: now) }
        let due = partitions.keys.sorted().filter { partitions[$0]?.reopen(now: now) == true }
        return due.isEmpty ? [] : [.open(due)]
    }

    /// An event has come: the runner works on it from now on.
    package mutating func workBegan(now: MonotonicTime) {
        workingSince = now
    }

    /// The work is done, and the task said when it has to be called if no record arrives.
    package mutating func deadlineSet(_ deadline: MonotonicTime?) {
        taskDeadline = deadline
        workingSince = nil
    }

    /// Whether what is due may be filed; otherwise the cluster was asked in vain a moment ago.
    package func mayFile(now: MonotonicTime) -> Bool {
        filingWait.map { $0.until <= now } ?? true
    }

    /// The cluster does not answer whether topics are still the same ones. What is due waits: the task keeps what it
    /// holds, and the records are safe in Kafka.
    ///
    /// - Returns: whether this is news.
    package mutating func filingWaits(_ reason: String, now: MonotonicTime) -> Bool {
        defer { filingWait = (reason, now.advanced(byMilliseconds: Self.questionRetryMilliseconds)) }
        return filingWait == nil
    }

    /// The cluster has answered, or nothing is due.
    package mutating func filingGoesOn() {
        filingWait = nil
    }

    /// When the runner has to do something if no event comes.
    package var nextWake: MonotonicTime? {
        guard end == nil else { return nil }
        let taskWake = taskDeadline.map { max($0, filingWait?.until ?? $0) }
        var wake = [taskWake, commitNotBefore, commitDue].compactMap(\.self).min()
        for owned in partitions.values {
            guard case .waiting(let until) = owned.phase else { continue }
            wake = min(wake ?? until, until)
        }
        return wake
    }

    // MARK: - Standstill
    // A position below the end of its partition that does not move: a batch that librdkafka cannot read, a broker that
    // does not answer, a transaction that does not end.

    /// The partitions that are read.
    package var running: [TopicPartition] {
        partitions.filter { $0.value.phase == .running }.keys.sorted()
    }

    /// Where partitions end, as of the consumer's last fetch.
    ///
    /// - Returns: those whose position has not moved for so long that the cluster is to be asked where they end.
    package mutating func observed(_ highWatermarks: [TopicPartition: Int64], now: MonotonicTime) -> [TopicPartition] {
        running.filter { partitions[$0]?.observed(highWatermarks[$0], now: now) == true }
    }

    /// The cluster said where a partition ends for `read_committed` consumers; `nil`: it did not answer.
    ///
    /// - Returns: the position at which the partition is stalled, the first time that this is certain.
    package mutating func answered(_ partition: TopicPartition, end: Int64?, now: MonotonicTime) -> Int64? {
        partitions[partition]?.answered(end: end, now: now)
    }

    /// Whether there are records above the partition's position and none of them arrives.
    package func isStalled(_ partition: TopicPartition) -> Bool {
        partitions[partition]?.isStalled == true
    }

    /// A stalled partition is opened again: `hera repair skip` may have stepped over the batch in another process, which
    /// a task with nothing to commit does not notice.
    package mutating func takeOverAnew(_ partition: TopicPartition, now: MonotonicTime) -> [Action] {
        guard end == nil, partitions[partition]?.phase == .running else { return [] }
        partitions[partition]?.wait(until: now.advanced(byMilliseconds: RetryPolicy.delayMillisecondsMin))
        return [.pause([partition]), .close([partition], .handedOver)]
    }

    /// The consumer cannot read `partition` at the moment, and tries again by itself.
    ///
    /// - Returns: whether this is a new error.
    package mutating func readingFailed(_ partition: TopicPartition, _ reason: String) -> Bool {
        partitions[partition]?.readingFailed(reason) == true
    }

    // MARK: - Status

    /// The task's status at `now`.
    package func status(now: MonotonicTime) -> SinkTaskStatus {
        let reports = partitions.sorted { $0.key < $1.key }.map { $0.value.status(of: $0.key, now: now) }
        let (state, reason) = state(reports, now: now)
        return SinkTaskStatus(state: state, reason: reason, partitions: reports, deadLetters: deadLetters)
    }

    private func state(
        _ reports: [SinkPartitionStatus],
        now: MonotonicTime
    ) -> (SinkTaskStatus.State, reason: String?) {
        switch end {
        case .failed(let reason): return (.failed, reason)
        case .stopped: return (.stopped, nil)
        case nil: break
        }
        let failed = reports.filter { $0.state == .failed }
        if let worst = failed.first, failed.count == reports.count { return (.failed, worst.reason) }
        let unwell = failed + reports.filter { $0.state == .stalled } + reports.filter { $0.state == .degraded }
        if let worst = unwell.first { return (.degraded, worst.reason) }
        if let filingWait {
            return (.degraded, "what is due is not filed: \(filingWait.reason)")
        }
        if let taskDeadline, partitions.values.contains(where: \.holdsUndurable),
            let minutes = minutesStalled(since: taskDeadline, now: now)
        {
            let reason =
                "what was to be filed \(minutes) minutes ago is not filed yet: the storage is slow or does not answer"
            return (.degraded, reason)
        }
        if let workingSince, let minutes = minutesStalled(since: workingSince, now: now) {
            let reason =
                "the task has been working on one event for \(minutes) minutes: the storage or Kafka is slow or does not "
                + "answer"
            return (.degraded, reason)
        }
        return (reports.isEmpty ? .unassigned : .running, nil)
    }

    /// How many minutes have passed since `start`, where that is more than a task may take.
    private func minutesStalled(since start: MonotonicTime, now: MonotonicTime) -> Int64? {
        let passed = now.milliseconds(since: start)
        return passed > Self.stallMilliseconds ? passed / 60_000 : nil
    }
}
