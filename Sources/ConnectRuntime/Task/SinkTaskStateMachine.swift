package import ConnectAPI
package import KafkaTopics

/// What a runner does with the partitions of one task: pure, the time is a parameter, events go in and actions come out.
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
/// - After an error the partition is closed and opened again: the task says where it is durable, and reading begins
///   there. So an error can repeat work, never lose any.
/// - The pause between tries doubles until something becomes durable again, or there is nothing left to file.
/// - A partition that cannot be taken over does not hold up those that were asked for together with it.
/// - A permanent error is the named partitions' alone. They count as failed and are tried again like the others, since
///   a person may have mended what was wrong: nothing is ever passed over.
/// - Where the sink knows the last record before a partition's place, that record is read first. Another one at its
///   offset means another log: the partition fails, and no record of it reaches the task.
package struct SinkTaskStateMachine: Sendable {
    /// For how long the task's deadline may be over, or one event be worked on, before the task counts as degraded, in
    /// milliseconds.
    package static let stallMilliseconds: Int64 = 600_000

    /// The wait before offsets are committed again which the group refused, in milliseconds.
    package static let commitRetryMilliseconds: Int64 = 5_000

    /// How long an answer to a commit is awaited, in milliseconds.
    package static let commitAnswerMilliseconds: Int64 = 10_000

    let retry: RetryPolicy
    var partitions: [TopicPartition: OwnedPartition] = [:]
    var commitNotBefore: MonotonicTime?
    /// When the answer to the commit under way is given up; `nil` where there is none.
    var commitDue: MonotonicTime?
    /// How many records were set aside, by cause.
    var deadLetters: [String: Int64] = [:]
    /// When the task wants to file what it holds, as it last said.
    var taskDeadline: MonotonicTime?
    /// Since when the runner has not waited for events: its task has work.
    var workingSince: MonotonicTime?
    var end: End?

    /// How the task came to its end.
    enum End: Hashable, Sendable {
        case failed(reason: String)
        case stopped
    }

    package init(retry: RetryPolicy) {
        self.retry = retry
    }

    // MARK: - Partitions come and go

    /// The group gave partitions to this runner.
    package mutating func assigned(_ added: [TopicPartition]) -> [SinkTaskAction] {
        guard end == nil, !added.isEmpty else { return [] }
        for partition in added {
            partitions[partition] = OwnedPartition()
        }
        return [.open(added)]
    }

    /// The task took partitions over, and this is where they begin.
    package mutating func opened(_ starts: [TopicPartition: PartitionStart]) -> [SinkTaskAction] {
        var actions: [SinkTaskAction] = []
        var resumed: [TopicPartition: Int64] = [:]
        for (partition, start) in starts.sorted(by: { $0.key < $1.key }) where partitions[partition] != nil {
            partitions[partition]?.phase = .running
            partitions[partition]?.position = start.wanted
            partitions[partition]?.highWatermark = start.end
            partitions[partition]?.expected = start.expected
            if partitions[partition]?.standstill?.position != start.wanted { partitions[partition]?.moved() }
            if start.offset > start.wanted {
                actions.append(.reportLoss(partition, offsets: start.wanted..<start.offset))
            }
            resumed[partition] = start.readFrom
        }
        return resumed.isEmpty ? [] : actions + [.resume(resumed)]
    }

    /// The group takes partitions away and waits until they are given up: what the task holds is filed first. Their
    /// offsets are committed even if the group has just refused some: later they are somebody else's.
    package mutating func revoked(_ removed: [TopicPartition]) -> [SinkTaskAction] {
        let open = giveUp(removed)
        forgetCommit()
        return open.isEmpty ? [] : [.close(open, .handedOver)]
    }

    /// The group has already given partitions to somebody else.
    package mutating func lost(_ removed: [TopicPartition]) -> [SinkTaskAction] {
        let open = giveUp(removed)
        for partition in removed {
            partitions[partition] = nil
        }
        return open.isEmpty ? [] : [.close(open, .lost)]
    }

    /// Partitions that were revoked are closed, and what they had durable is committed: they are no longer ours. A task that
    /// has ended keeps their figures for its last status.
    package mutating func released(_ removed: [TopicPartition]) {
        guard end == nil else { return }
        for partition in removed {
            partitions[partition] = nil
        }
    }

    /// The runner is asked to end.
    package mutating func stopRequested() -> [SinkTaskAction] {
        guard end == nil else { return [] }
        end = .stopped
        forgetCommit()
        let open = giveUp(Array(partitions.keys))
        return open.isEmpty ? [] : [.close(open, .handedOver)]
    }

    /// Those of `removed` that the task has open, in order; from now on no batch of them is taken.
    private mutating func giveUp(_ removed: [TopicPartition]) -> [TopicPartition] {
        var open: [TopicPartition] = []
        for partition in removed.sorted() {
            if partitions[partition]?.phase == .running {
                open.append(partition)
            }
            partitions[partition]?.phase = .opening
        }
        return open
    }

    private mutating func forgetCommit() {
        commitNotBefore = nil
        commitDue = nil
    }

    // MARK: - Records

    /// The record that is to come first, to be held against the one that comes; asked once.
    package mutating func takeExpected(of partition: TopicPartition) -> RecordFingerprint? {
        defer { partitions[partition]?.expected = nil }
        return partitions[partition]?.expected
    }

    /// Records were set aside for this cause.
    ///
    /// - Returns: whether it is the first time.
    package mutating func setAside(_ count: Int64, because cause: String) -> Bool {
        defer { deadLetters[cause, default: 0] += count }
        return deadLetters[cause] == nil
    }

    /// From which offset on a batch of `partition` is to be handed over; `nil`: it is stale, and is dropped.
    package func position(of partition: TopicPartition) -> Int64? {
        guard let owned = partitions[partition], owned.phase == .running else { return nil }
        return owned.position
    }

    /// The task took `records`, of which a part may have been skipped.
    package mutating func put(_ records: SinkRecords, highWatermark: Int64?) {
        put(
            records.partition,
            next: records.nextOffset,
            delivered: Int64(records.count),
            skipped: records.skippedCounts(in: records.firstOffset..<records.nextOffset),
            highWatermark: highWatermark
        )
    }

    mutating func put(
        _ partition: TopicPartition,
        next: Int64,
        delivered: Int64,
        skipped: SkippedCounts,
        highWatermark: Int64?
    ) {
        guard var owned = partitions[partition] else { return }
        if owned.position != next { owned.moved() }
        owned.position = next
        owned.delivered += delivered
        owned.skipped.filtered += skipped.filtered
        owned.skipped.deadLettered += skipped.deadLettered
        owned.skipped.absent += skipped.absent
        owned.skipped.lost += skipped.lost
        owned.highWatermark = highWatermark ?? owned.highWatermark
        partitions[partition] = owned
    }

    // MARK: - Progress

    /// What the task says is durable.
    package mutating func durable(_ offsets: [TopicPartition: Int64], now: MonotonicTime) -> [SinkTaskAction] {
        for (partition, offset) in offsets {
            guard var owned = partitions[partition], owned.durable != offset else { continue }
            // A reopened task may know less than it did; only a step forward is progress.
            if owned.durable.map({ $0 < offset }) ?? true {
                owned.recovered()
            }
            owned.durable = offset
            partitions[partition] = owned
        }
        // Where there is nothing to file, nothing becomes durable that would say that the trouble is over.
        for partition in partitions.keys where partitions[partition]?.isCaughtUp == true {
            partitions[partition]?.recovered()
        }
        if commitDue != nil { return [] }
        if let commitNotBefore, now < commitNotBefore { return [] }
        commitNotBefore = nil
        let due = partitions.compactMapValues { owned in
            owned.durable.flatMap { $0 == owned.committed ? nil : $0 }
        }
        return due.isEmpty ? [] : [.commit(due)]
    }

    /// The group is asked to take offsets, and its answer is awaited.
    package mutating func commitBegan(now: MonotonicTime) {
        commitDue = now.advanced(byMilliseconds: Self.commitAnswerMilliseconds)
    }

    /// The group took these offsets.
    package mutating func committed(_ offsets: [TopicPartition: Int64]) {
        forgetCommit()
        for (partition, offset) in offsets {
            partitions[partition]?.committed = offset
        }
    }

    /// The group did not take the offsets. They are only for others to see, so work goes on and they are sent again.
    package mutating func commitFailed(now: MonotonicTime) {
        commitDue = nil
        commitNotBefore = now.advanced(byMilliseconds: Self.commitRetryMilliseconds)
    }
}
