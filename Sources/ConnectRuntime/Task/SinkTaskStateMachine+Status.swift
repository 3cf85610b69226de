package import ConnectAPI
import KafkaTopics

extension SinkTaskStateMachine {
    /// How the task is at `now`.
    package func status(now: MonotonicTime) -> SinkTaskStatus {
        let reports = partitions.sorted { $0.key < $1.key }.map { report($0.key, $0.value, now: now) }
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
        if let minutes = minutesOverdue(now: now) {
            let reason =
                "what was to be filed \(minutes) minutes ago is not filed yet: the storage is slow or does not answer"
            return (.degraded, reason)
        }
        if let minutes = minutesAtWork(now: now) {
            let reason =
                "the task has been working on one event for \(minutes) minutes: the storage or Kafka is slow or does not "
                + "answer"
            return (.degraded, reason)
        }
        return (reports.isEmpty ? .unassigned : .running, nil)
    }

    private func report(
        _ partition: TopicPartition,
        _ owned: OwnedPartition,
        now: MonotonicTime
    ) -> SinkPartitionStatus {
        var status = SinkPartitionStatus(
            topic: partition.topic,
            partition: partition.partition,
            state: owned.phase == .opening ? .opening : .running,
            position: owned.position,
            durable: owned.durable,
            committed: owned.committed,
            highWatermark: owned.highWatermark,
            delivered: owned.delivered,
            filtered: owned.skipped.filtered,
            deadLettered: owned.skipped.deadLettered,
            absent: owned.skipped.absent,
            lost: owned.skipped.lost
        )
        if let error = owned.lastError {
            let times = owned.failures == 1 ? "once" : "\(owned.failures) times"
            status.state = owned.isFailed ? .failed : .degraded
            status.reason = "\(partition): failed \(times) since something was last filed: \(error)"
            status.unwellMilliseconds = owned.failingSince.map { now.milliseconds(since: $0) }
        } else if let standstill = owned.standstill, standstill.isStalled {
            let stood = now.milliseconds(since: standstill.since)
            status.state = .stalled
            status.reason = "\(partition): \(Self.words(partition, owned, since: stood / 60_000))"
            status.unwellMilliseconds = stood
        } else if let error = owned.readError {
            status.state = .degraded
            status.reason = "\(partition): \(error)"
        }
        return status
    }

    /// For how many minutes the task has not kept a deadline of its own; `nil` while it does, or holds nothing.
    private func minutesOverdue(now: MonotonicTime) -> Int64? {
        guard let taskDeadline, partitions.values.contains(where: \.holdsUndurable) else { return nil }
        let overdue = now.milliseconds(since: taskDeadline)
        return overdue > Self.stallMilliseconds ? overdue / 60_000 : nil
    }

    /// For how many minutes the task has not come to an end with its work, whatever deadline it has; `nil` while it
    /// does.
    private func minutesAtWork(now: MonotonicTime) -> Int64? {
        guard let workingSince else { return nil }
        let worked = now.milliseconds(since: workingSince)
        return worked > Self.stallMilliseconds ? worked / 60_000 : nil
    }
}
