package import ConnectAPI
package import KafkaTopics

/// What a worker does with the partitions of one task: pure, the time is a parameter, events go in and actions come out.
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
/// - A permanent error ends the whole task: nothing is ever passed over.
package struct SinkWorkerStateMachine: Sendable {
    /// For how long the task's deadline may be over, or one event be worked on, before the task counts as degraded, in
    /// milliseconds.
    package static let stallMilliseconds: Int64 = 600_000

    /// The wait before offsets are committed again which the group refused, in milliseconds.
    package static let commitRetryMilliseconds: Int64 = 5_000

    let retry: RetryPolicy
    var partitions: [TopicPartition: OwnedPartition] = [:]
    var commitNotBefore: MonotonicTime?
    /// When the task wants to file what it holds, as it last said.
    var taskDeadline: MonotonicTime?
    /// Since when the worker has not waited for events: its task has work.
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

    /// The group gave partitions to this worker.
    package mutating func assigned(_ added: [TopicPartition]) -> [SinkWorkerAction] {
        guard end == nil, !added.isEmpty else { return [] }
        for partition in added {
            partitions[partition] = OwnedPartition()
        }
        return [.open(added)]
    }

    /// The task took partitions over, and this is where they begin.
    package mutating func opened(_ starts: [TopicPartition: PartitionStart]) -> [SinkWorkerAction] {
        var actions: [SinkWorkerAction] = []
        var resumed: [TopicPartition: Int64] = [:]
        for (partition, start) in starts.sorted(by: { $0.key < $1.key }) where partitions[partition] != nil {
            partitions[partition]?.phase = .running
            partitions[partition]?.position = start.wanted
            partitions[partition]?.highWatermark = start.end
            if start.offset > start.wanted {
                actions.append(.reportLoss(partition, offsets: start.wanted..<start.offset))
            }
            resumed[partition] = start.offset
        }
        return resumed.isEmpty ? [] : actions + [.resume(resumed)]
    }

    /// The group takes partitions away and waits until they are given up: what the task holds is filed first. Their
    /// offsets are committed even if the group has just refused some: later they are somebody else's.
    package mutating func revoked(_ removed: [TopicPartition]) -> [SinkWorkerAction] {
        let open = giveUp(removed)
        commitNotBefore = nil
        return open.isEmpty ? [] : [.close(open, .handedOver)]
    }

    /// The group has already given partitions to somebody else.
    package mutating func lost(_ removed: [TopicPartition]) -> [SinkWorkerAction] {
        let open = giveUp(removed)
        for partition in removed {
            partitions[partition] = nil
        }
        return open.isEmpty ? [] : [.close(open, .lost)]
    }

    /// Partitions that were revoked are closed, and what they had durable is committed: they are no longer ours.
    package mutating func released(_ removed: [TopicPartition]) {
        for partition in removed {
            partitions[partition] = nil
        }
    }

    /// The worker is asked to end.
    package mutating func stopRequested() -> [SinkWorkerAction] {
        guard end == nil else { return [] }
        end = .stopped
        commitNotBefore = nil
        let open = giveUp(Array(partitions.keys))
        return (open.isEmpty ? [] : [.close(open, .handedOver)]) + [.end(reason: nil)]
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

    // MARK: - Records

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
    package mutating func durable(_ offsets: [TopicPartition: Int64], now: MonotonicTime) -> [SinkWorkerAction] {
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
        if let commitNotBefore, now < commitNotBefore { return [] }
        commitNotBefore = nil
        let due = partitions.compactMapValues { owned in
            owned.durable.flatMap { $0 == owned.committed ? nil : $0 }
        }
        return due.isEmpty ? [] : [.commit(due)]
    }

    /// The group took these offsets.
    package mutating func committed(_ offsets: [TopicPartition: Int64]) {
        commitNotBefore = nil
        for (partition, offset) in offsets {
            partitions[partition]?.committed = offset
        }
    }

    /// The group did not take the offsets. They are only for others to see, so work goes on and they are sent again.
    package mutating func commitFailed(now: MonotonicTime) {
        commitNotBefore = now.advanced(byMilliseconds: Self.commitRetryMilliseconds)
    }
}
