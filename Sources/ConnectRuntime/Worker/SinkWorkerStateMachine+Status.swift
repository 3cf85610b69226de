package import ConnectAPI
import KafkaTopics

extension SinkWorkerStateMachine {
    /// How the task is at `now`.
    package func status(now: Timestamp) -> SinkTaskStatus {
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
            if let trouble = trouble(of: owned, now: now) {
                return SinkTaskStatus(state: .degraded, reason: "\(partition): \(trouble)", partitions: reports)
            }
        }
        return SinkTaskStatus(state: all.isEmpty ? .unassigned : .running, reason: nil, partitions: reports)
    }

    /// What keeps a partition from progress, for a person; `nil` where nothing does.
    private func trouble(of owned: OwnedPartition, now: Timestamp) -> String? {
        if let error = owned.lastError {
            let times = owned.failures == 1 ? "once" : "\(owned.failures) times"
            return "failed \(times) since something was last filed: \(error)"
        }
        if let since = owned.undurableSince, now.milliseconds(since: since) > Self.stallMilliseconds {
            return "nothing was filed for \(now.milliseconds(since: since) / 60_000) minutes though there are records"
        }
        return nil
    }
}
