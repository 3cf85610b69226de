package import ConnectAPI
package import KafkaTopics

extension SinkTaskStateMachine {
    /// The task did not take the partitions `asked` over, or it could not be found out where they begin.
    ///
    /// Those that the error names wait. The others stand as they do after an `open` that failed, so they are closed as
    /// well, and asked for again at once without the named ones. An error that names none of them concerns all.
    package mutating func openFailed(
        _ asked: [TopicPartition],
        _ error: SinkTaskError,
        now: MonotonicTime
    ) -> [SinkTaskAction] {
        guard end == nil else { return [] }
        let asked = asked.filter { partitions[$0] != nil }.sorted()
        let others = asked.filter { !error.partitions.contains($0) }
        guard others.count < asked.count else { return taskFailed(error, alsoAbout: asked, now: now) }
        let actions = taskFailed(error, now: now)
        return others.isEmpty ? actions : actions + [.close(others, .abandoned), .open(others)]
    }

    /// The task could not do what it was asked.
    package mutating func taskFailed(_ error: SinkTaskError, now: MonotonicTime) -> [SinkTaskAction] {
        taskFailed(error, alsoAbout: [], now: now)
    }

    /// An error that concerns `more` besides the partitions that it names; one that names none concerns all.
    private mutating func taskFailed(
        _ error: SinkTaskError,
        alsoAbout more: [TopicPartition],
        now: MonotonicTime
    ) -> [SinkTaskAction] {
        guard end == nil else { return [] }
        var failures: [TopicPartition: SinkTaskError] = [:]
        for part in error.parts {
            let named = part.partitions.isEmpty ? Array(partitions.keys) : part.partitions
            for partition in named where failures[partition] == nil { failures[partition] = part }
        }
        for partition in more where failures[partition] == nil { failures[partition] = error }
        return openLater(failures, closing: .abandoned, now: now)
    }

    /// The task did not take a batch of `partition`. Whatever partitions the error names, this one is among those
    /// concerned: going on behind the batch would leave a hole.
    package mutating func putFailed(
        _ partition: TopicPartition,
        _ error: SinkTaskError,
        now: MonotonicTime
    ) -> [SinkTaskAction] {
        taskFailed(error, alsoAbout: [partition], now: now)
    }

    /// What came of `partition` does not follow what was read, cannot be read, or it is not known whether it does:
    /// `error` says which. The task is well: what it holds is filed first, since Kafka may not have those records any
    /// more either.
    package mutating func positionUncertain(
        _ partition: TopicPartition,
        _ error: SinkTaskError,
        now: MonotonicTime
    ) -> [SinkTaskAction] {
        guard end == nil, partitions[partition]?.phase == .running else { return [] }
        return openLater([partition: error], closing: .handedOver, now: now)
    }

    /// The runner ends by an error that concerns more than its partitions.
    package mutating func failed(reason: String) -> [SinkTaskAction] {
        guard end == nil else { return [] }
        end = .failed(reason: reason)
        // Those that are being opened may be with the task already.
        let open = partitions.filter { [.running, .opening].contains($0.value.phase) }.keys.sorted()
        for partition in open {
            partitions[partition]?.phase = .opening
        }
        return open.isEmpty ? [] : [.pause(open), .close(open, .abandoned)]
    }

    /// The moment has come for which `nextWake` asked.
    package mutating func timerFired(now: MonotonicTime) -> [SinkTaskAction] {
        guard end == nil else { return [] }
        if let commitDue, commitDue <= now { commitFailed(now: now) }
        let due = partitions.keys.filter { isDue($0, now: now) }.sorted()
        for partition in due {
            partitions[partition]?.phase = .opening
        }
        return due.isEmpty ? [] : [.open(due)]
    }

    /// The wait for events is over: the task has work from now on.
    package mutating func workBegan(now: MonotonicTime) {
        workingSince = now
    }

    /// The task's work is done, and it said when it wants to be called though no record arrives.
    package mutating func deadlineSet(_ deadline: MonotonicTime?) {
        taskDeadline = deadline
        workingSince = nil
    }

    /// When the runner has to do something though nothing arrives.
    package var nextWake: MonotonicTime? {
        guard end == nil else { return nil }
        var wake = [taskDeadline, commitNotBefore, commitDue].compactMap(\.self).min()
        for owned in partitions.values {
            guard case .waiting(let until) = owned.phase else { continue }
            wake = min(wake ?? until, until)
        }
        return wake
    }

    private func isDue(_ partition: TopicPartition, now: MonotonicTime) -> Bool {
        guard case .waiting(let until) = partitions[partition]?.phase else { return false }
        return until <= now
    }

    /// Each partition has failed with its own error; those that are not owned are passed over.
    private mutating func openLater(
        _ failures: [TopicPartition: SinkTaskError],
        closing: CloseReason,
        now: MonotonicTime
    ) -> [SinkTaskAction] {
        let concerned = failures.keys.filter { partitions[$0] != nil }.sorted()
        for (partition, error) in failures {
            guard var owned = partitions[partition] else { continue }
            owned.failures += 1
            owned.failingSince = owned.failingSince ?? now
            let tried = owned.failingSince.map { now.milliseconds(since: $0) } ?? 0
            // A task that is well has not failed, however often Kafka does not answer.
            let isTriedForTooLong =
                error.code != .permanent && closing == .abandoned && !retry.allowsRetry(afterMilliseconds: tried)
            owned.isFailed = error.code == .permanent || isTriedForTooLong
            owned.lastError =
                error.description + (isTriedForTooLong ? " (tried again for \(tried) ms without success)" : "")
            owned.expected = nil
            let delay =
                isTriedForTooLong
                ? retry.delayMillisecondsMax : retry.delayMilliseconds(afterFailures: owned.failures)
            owned.phase = .waiting(until: now.advanced(byMilliseconds: delay))
            partitions[partition] = owned
        }
        return concerned.isEmpty ? [] : [.pause(concerned), .close(concerned, closing)]
    }
}
