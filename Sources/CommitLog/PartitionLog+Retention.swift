import Synchronization

extension PartitionLog {
    /// Does what time asks for: seals an old segment, flushes what is due, forgets silent producers, deletes what
    /// retention does not keep. To be called every second or so, from a thread that may wait for the device.
    ///
    /// - Parameter now: the time in ms since 1970.
    @discardableResult
    package func maintain(now: Int64) throws(LogError) -> RetentionReport {
        var failure: LogError?
        do throws(LogError) {
            try sealAndFlush(now: now)
        } catch {
            // On a full disk this fails first, and retention is what makes room.
            failure = error
        }
        let report = try applyRetention(now: now)
        if let failure { throw failure }
        return report
    }

    private func sealAndFlush(now: Int64) throws(LogError) {
        let isFlushDue = try state.withLock { state throws(LogError) in
            try state.requireOpen()
            state.producers.forget(silentSince: now - state.configuration.producerExpirationMilliseconds)
            if state.failure == nil, state.active.isOld(now: now, state.configuration) { try state.roll() }
            return state.isFlushDue(now: now)
        }
        guard isFlushDue else { return }
        try maintenance.withLock { _ throws(LogError) in
            guard try synchronize() else { return }
            try saveCheckpoint()
            try ProducerSnapshot.prune(in: directory, behind: endOffset)
        }
    }

    /// Deletes the oldest segments as `retention.ms` and `retention.bytes` say. Where even the newest records are too
    /// old, all of them go, and the log is empty at the same end offset.
    ///
    /// - Parameter now: the time in ms since 1970.
    @discardableResult
    package func applyRetention(now: Int64) throws(LogError) -> RetentionReport {
        var report = try delete { state throws(LogError) in try state.segmentsToDelete(now: now) }
        // The active segment goes only when it was sealed, which takes a little space: so after the others.
        let rest = try delete { state throws(LogError) in
            guard state.failure == nil, let limit = state.configuration.retentionMilliseconds,
                let age = try state.active.age(now: now), age > limit
            else { return 0 }
            try state.roll()
            return try state.segmentsToDelete(now: now)
        }
        report.segmentsDeleted += rest.segmentsDeleted
        report.bytesDeleted += rest.bytesDeleted
        report.logStartOffset = rest.logStartOffset
        return report
    }

    /// Takes as many of the oldest segments out of the log as `choose` says, deletes them and notes the new start.
    private func delete(
        _ choose: (inout LogState) throws(LogError) -> Int
    ) throws(LogError) -> RetentionReport {
        try maintenance.withLock { _ throws(LogError) in
            let (segments, before, after) = try state.withLock { state throws(LogError) in
                try state.requireOpen()
                let before = state.logStartOffset
                let count = try choose(&state)
                let segments = Array(state.segments.prefix(count))
                state.segments.removeFirst(count)
                state.logStartOffset = max(state.logStartOffset, count > 0 ? state.segments[0].baseOffset : 0)
                return (segments, before, state.logStartOffset)
            }
            // The oldest first: a crash in between leaves a log that begins later, without a hole. No checkpoint is
            // needed before, so a full disk does not keep segments from being deleted.
            for segment in segments { try segment.deleteFiles() }
            if after != before { try saveCheckpoint() }
            return RetentionReport(
                segmentsDeleted: segments.count,
                bytesDeleted: segments.reduce(0) { $0 + $1.size },
                logStartOffset: after
            )
        }
    }
}

extension LogState {
    /// Whether bytes have to go to the device now. Sealed segments always have, so that recovery need not read them.
    fileprivate func isFlushDue(now: Int64) -> Bool {
        if failure != nil { return false }
        if segments.contains(where: \.needsFlush) || directoryNeedsFlush { return true }
        guard flushedOffset < endOffset else { return false }
        return switch configuration.flushPolicy {
        case .os: false
        case .interval(let limit): now - (unflushedSince ?? 0) >= limit
        // The append's own flush is under way, or was put off as a file could not be opened.
        case .always: true
        }
    }

    /// How many of the oldest segments retention does not keep; never the active one.
    fileprivate func segmentsToDelete(now: Int64) throws(LogError) -> Int {
        var bytes = segments.reduce(0) { $0 + $1.size }
        var count = 0
        for (segment, next) in zip(segments, segments.dropFirst()) {
            var isDue = next.baseOffset <= logStartOffset
            if let limit = configuration.retentionMilliseconds, let age = try segment.age(now: now) {
                isDue = isDue || age > limit
            }
            if let limit = configuration.retentionBytes { isDue = isDue || bytes - segment.size >= limit }
            guard isDue else { break }
            bytes -= segment.size
            count += 1
        }
        return count
    }
}
