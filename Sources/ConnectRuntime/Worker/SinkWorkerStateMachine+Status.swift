package import ConnectAPI
import KafkaTopics

extension SinkWorkerStateMachine {
    /// How the task is at `now`.
    package func status(now: MonotonicTime) -> SinkTaskStatus {
        let all = partitions.sorted { $0.key < $1.key }
        let reports = all.map { partition, owned in
            SinkPartitionStatus(
                topic: partition.topic,
                partition: partition.partition,
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
        }
        switch end {
        case .failed(let reason): return SinkTaskStatus(state: .failed, reason: reason, partitions: reports)
        case .stopped: return SinkTaskStatus(state: .stopped, reason: nil, partitions: reports)
        case nil: break
        }
        for (partition, owned) in all {
            if let error = owned.lastError {
                let times = owned.failures == 1 ? "once" : "\(owned.failures) times"
                let reason = "\(partition): failed \(times) since something was last filed: \(error)"
                return SinkTaskStatus(state: .degraded, reason: reason, partitions: reports)
            }
        }
        if let minutes = minutesOverdue(now: now) {
            let reason =
                "what was to be filed \(minutes) minutes ago is not filed yet: the storage is slow or does not answer"
            return SinkTaskStatus(state: .degraded, reason: reason, partitions: reports)
        }
        if let minutes = minutesAtWork(now: now) {
            let reason =
                "the task has been working on one event for \(minutes) minutes: the storage or Kafka is slow or does not "
                + "answer"
            return SinkTaskStatus(state: .degraded, reason: reason, partitions: reports)
        }
        return SinkTaskStatus(state: all.isEmpty ? .unassigned : .running, reason: nil, partitions: reports)
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
