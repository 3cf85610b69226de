import ConnectAPI
import KafkaTopics

/// What the runner knows about one partition that the group assigned to it: the part of `SinkTaskStateMachine` that
/// concerns a single partition. Pure.
struct OwnedPartition: Sendable {
    enum Phase: Hashable, Sendable {
        /// The task is asked to take it over.
        case opening
        /// The task takes its batches.
        case running
        /// The task was set back by an error; the partition is opened again at this time.
        case waiting(until: MonotonicTime)
    }

    /// The position is below the end of the partition, and no record arrives.
    private struct Standstill: Sendable {
        let position: Int64
        let since: MonotonicTime
        /// When the cluster is asked about it next.
        var askAt: MonotonicTime
        /// How long to wait before it is asked again.
        var wait: Int64
        /// Whether the cluster has confirmed that there are records, or does not answer.
        var isStalled = false
    }

    private(set) var phase = Phase.opening
    /// The next offset to hand to the task.
    private(set) var position: Int64?
    /// The record below `position` that is read once more, to see that the log is the same.
    private var expected: RecordFingerprint?
    /// The offset behind the last one that is durable.
    private(set) var durable: Int64?
    /// What the group has committed.
    private(set) var committed: Int64?
    /// The offset behind the last record in the topic, as last reported.
    private var highWatermark: Int64?
    private var delivered: Int64 = 0
    private var skipped = SkippedCounts()
    private var standstill: Standstill?
    /// The consumer's last error for this partition, from which it has not recovered.
    private var readError: String?
    /// Errors since something last became durable.
    private var failures = 0
    /// When the first of these errors occurred.
    private var failingSince: MonotonicTime?
    /// The last of these errors.
    private var lastError: String?
    /// Whether that error needs an operator.
    private var isFailed = false

    // MARK: - Phases

    /// The task has taken the partition over.
    ///
    /// - Returns: the offset from which it is read.
    mutating func opened(_ start: PartitionStart) -> Int64 {
        phase = .running
        position = start.wanted
        highWatermark = start.end
        expected = start.expected
        if standstill?.position != start.wanted { moved() }
        return start.readFrom
    }

    /// No batch of it is taken from now on.
    ///
    /// - Returns: whether the task had it open.
    mutating func giveUp() -> Bool {
        defer { phase = .opening }
        return phase == .running
    }

    /// It is opened again at `time`.
    mutating func wait(until time: MonotonicTime) {
        expected = nil
        phase = .waiting(until: time)
    }

    /// Whether it has waited long enough, and is opened now.
    mutating func reopen(now: MonotonicTime) -> Bool {
        guard case .waiting(let until) = phase, until <= now else { return false }
        phase = .opening
        return true
    }

    /// The task failed; `closing` says how the partition is given up meanwhile.
    mutating func fail(_ error: SinkTaskError, closing: CloseReason, _ retry: RetryPolicy, now: MonotonicTime) {
        failures += 1
        let since = failingSince ?? now
        failingSince = since
        let tried = now.milliseconds(since: since)
        // A task that is handed over in good order has not failed, however often Kafka does not answer.
        let hasTimedOut =
            error.code != .permanent && closing == .abandoned && !retry.allowsRetry(afterMilliseconds: tried)
        isFailed = error.code == .permanent || hasTimedOut
        lastError = error.description + (hasTimedOut ? " (tried again for \(tried) ms without success)" : "")
        let delay = hasTimedOut ? retry.delayMillisecondsMax : retry.delayMilliseconds(afterFailures: failures)
        wait(until: now.advanced(byMilliseconds: delay))
    }

    /// The next error counts as the first one.
    private mutating func recovered() {
        failures = 0
        failingSince = nil
        lastError = nil
        isFailed = false
    }

    /// Records arrived, or the partition begins at another offset.
    private mutating func moved() {
        standstill = nil
        readError = nil
    }

    // MARK: - Records

    /// The record that has to come first; returned once.
    mutating func takeExpected() -> RecordFingerprint? {
        defer { expected = nil }
        return expected
    }

    /// The task took the records below `next`.
    mutating func put(next: Int64, delivered count: Int64, skipped counts: SkippedCounts, highWatermark end: Int64?) {
        if position != next { moved() }
        position = next
        delivered += count
        skipped += counts
        highWatermark = end ?? highWatermark
    }

    /// The offset behind the last durable one is `offset`.
    mutating func durable(_ offset: Int64) {
        guard durable != offset else { return }
        // A reopened task may know a lower offset; only a higher one is progress.
        if durable.map({ $0 < offset }) ?? true { recovered() }
        durable = offset
    }

    /// Ends the count of errors where everything is read and durable: then nothing becomes durable that would end it.
    mutating func recoverIfCaughtUp() {
        guard phase == .running, expected == nil, !holdsUndurable, let position, let highWatermark,
            position >= highWatermark
        else { return }
        recovered()
    }

    mutating func committed(_ offset: Int64) {
        committed = offset
    }

    /// The offset to commit; `nil` where the group has it.
    var offsetToCommit: Int64? { durable == committed ? nil : durable }

    /// Whether the task has records of it that are not durable yet.
    var holdsUndurable: Bool {
        guard phase == .running, let position else { return false }
        return durable.map { $0 < position } ?? (delivered + skipped.total > 0)
    }

    // MARK: - Standstill

    /// The partition ends at `end`, as of the consumer's last fetch.
    ///
    /// - Returns: whether the cluster is to be asked for the end, because the position has not moved for so long.
    mutating func observed(_ end: Int64?, now: MonotonicTime) -> Bool {
        guard let position else { return false }
        highWatermark = end ?? highWatermark
        if position >= highWatermark ?? 0 {
            standstill = nil
        } else if let standstill, standstill.position == position {
            return standstill.askAt <= now
        } else {
            standstill = Standstill(
                position: position,
                since: now,
                askAt: now.advanced(byMilliseconds: SinkTaskStateMachine.standstillMilliseconds),
                wait: SinkTaskStateMachine.standstillMilliseconds
            )
        }
        return false
    }

    /// The cluster said where the partition ends for `read_committed` consumers; `nil`: it did not answer.
    ///
    /// - Returns: the position at which the partition is stalled, the first time that this is certain.
    mutating func answered(end: Int64?, now: MonotonicTime) -> Int64? {
        guard var standstill else { return nil }
        if let end, end <= standstill.position {
            // The records above belong to an open transaction.
            self.standstill = nil
            return nil
        }
        let isNew = !standstill.isStalled
        standstill.isStalled = true
        standstill.askAt = now.advanced(byMilliseconds: standstill.wait)
        standstill.wait = min(standstill.wait * 2, SinkTaskStateMachine.standstillWaitMillisecondsMax)
        self.standstill = standstill
        return isNew ? standstill.position : nil
    }

    /// Whether there are records above the position and none of them arrives.
    var isStalled: Bool { standstill?.isStalled == true }

    /// The consumer cannot read the partition at the moment, and tries again by itself.
    ///
    /// - Returns: whether this is a new error.
    mutating func readingFailed(_ reason: String) -> Bool {
        guard phase == .running, readError != reason else { return false }
        readError = reason
        return true
    }

    // MARK: - Status

    func status(of partition: TopicPartition, now: MonotonicTime) -> SinkPartitionStatus {
        var status = SinkPartitionStatus(
            topic: partition.topic,
            partition: partition.partition,
            state: phase == .opening ? .opening : .running,
            position: position,
            durable: durable,
            committed: committed,
            highWatermark: highWatermark,
            delivered: delivered,
            filtered: skipped.filtered,
            deadLettered: skipped.deadLettered,
            absent: skipped.absent,
            lost: skipped.lost
        )
        if let lastError {
            let times = failures == 1 ? "once" : "\(failures) times"
            status.state = isFailed ? .failed : .degraded
            status.reason = "\(partition): failed \(times) since something was last filed: \(lastError)"
            status.unwellMilliseconds = failingSince.map { now.milliseconds(since: $0) }
        } else if let standstill, standstill.isStalled {
            let stood = now.milliseconds(since: standstill.since)
            status.state = .stalled
            status.reason = "\(partition): \(stalledReason(partition, minutes: stood / 60_000))"
            status.unwellMilliseconds = stood
        } else if let readError {
            status.state = .degraded
            status.reason = "\(partition): \(readError)"
        }
        return status
    }

    private func stalledReason(_ partition: TopicPartition, minutes: Int64) -> String {
        let cause = readError.map { " (\($0))" } ?? ""
        return """
            nothing has come from offset \(position ?? 0) on for \(minutes) minutes, though the topic has records \
            up to offset \(highWatermark ?? 0)\(cause): the batch there cannot be read, or its broker does not \
            answer. To step over a batch that cannot be read: hera repair skip \(partition)
            """
    }
}
