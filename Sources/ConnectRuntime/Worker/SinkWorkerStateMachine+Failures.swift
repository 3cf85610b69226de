package import ConnectAPI
package import KafkaTopics

extension SinkWorkerStateMachine {
    /// The task could not do what it was asked.
    package mutating func taskFailed(_ error: SinkTaskError, now: Timestamp) -> [SinkWorkerAction] {
        guard end == nil else { return [] }
        guard error.code != .permanent else { return fail(reason: error.description) }
        let named = error.partitions.filter { partitions[$0] != nil }
        let concerned = error.partitions.isEmpty ? partitions.keys.sorted() : named.sorted()
        return retryLater(concerned, because: error.description, now: now)
    }

    /// The task did not take a batch of `partition`. Whatever partitions the error names, this one is among those
    /// concerned: going on behind the batch would leave a hole.
    package mutating func putFailed(
        _ partition: TopicPartition,
        _ error: SinkTaskError,
        now: Timestamp
    ) -> [SinkWorkerAction] {
        guard !error.partitions.isEmpty, !error.partitions.contains(partition) else {
            return taskFailed(error, now: now)
        }
        let whole = SinkTaskError(
            error.code,
            error.message,
            partitions: error.partitions + [partition],
            underlying: error.underlying
        )
        return taskFailed(whole, now: now)
    }

    /// Kafka no longer has the offset at which `partition` was to be read, or never had it.
    package mutating func positionOutOfRange(_ partition: TopicPartition, now: Timestamp) -> [SinkWorkerAction] {
        guard end == nil, partitions[partition]?.phase == .running else { return [] }
        return retryLater([partition], because: "the offset to be read next is out of range", now: now)
    }

    /// A partition cannot begin anywhere, or something else went wrong for good.
    package mutating func failed(reason: String) -> [SinkWorkerAction] {
        guard end == nil else { return [] }
        return fail(reason: reason)
    }

    /// The moment has come for which `nextWake` asked.
    package mutating func timerFired(now: Timestamp) -> [SinkWorkerAction] {
        guard end == nil else { return [] }
        let due = partitions.keys.filter { isDue($0, now: now) }.sorted()
        for partition in due {
            partitions[partition]?.phase = .opening
        }
        return due.isEmpty ? [] : [.open(due)]
    }

    /// When the worker has to do something though nothing arrives; `taskDeadline` is the task's own wish.
    package func nextWake(taskDeadline: Timestamp?) -> Timestamp? {
        guard end == nil else { return nil }
        var wake = [taskDeadline, commitNotBefore].compactMap(\.self).min()
        for owned in partitions.values {
            guard case .waiting(let until) = owned.phase else { continue }
            wake = min(wake ?? until, until)
        }
        return wake
    }

    private func isDue(_ partition: TopicPartition, now: Timestamp) -> Bool {
        guard case .waiting(let until) = partitions[partition]?.phase else { return false }
        return until <= now
    }

    private mutating func retryLater(
        _ concerned: [TopicPartition],
        because reason: String,
        now: Timestamp
    ) -> [SinkWorkerAction] {
        for partition in concerned {
            let since = partitions[partition]?.failingSince ?? now
            guard retry.allowsRetry(afterMilliseconds: now.milliseconds(since: since)) else {
                return fail(reason: "\(reason) (tried again for \(now.milliseconds(since: since)) ms without success)")
            }
        }
        for partition in concerned {
            guard var owned = partitions[partition] else { continue }
            owned.failures += 1
            owned.failingSince = owned.failingSince ?? now
            owned.lastError = reason
            let delay = retry.delayMilliseconds(afterFailures: owned.failures)
            owned.phase = .waiting(until: now.advanced(byMilliseconds: delay))
            owned.undurableSince = nil
            partitions[partition] = owned
        }
        return concerned.isEmpty ? [] : [.pause(concerned), .close(concerned, .abandoned)]
    }

    private mutating func fail(reason: String) -> [SinkWorkerAction] {
        end = .failed(reason: reason)
        let open = partitions.keys.filter { partitions[$0]?.phase == .running }.sorted()
        for partition in open {
            partitions[partition]?.phase = .opening
        }
        return (open.isEmpty ? [] : [.pause(open), .close(open, .abandoned)]) + [.end(reason: reason)]
    }
}
