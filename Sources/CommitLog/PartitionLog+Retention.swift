import Files
import Synchronization

extension PartitionLog {
    /// Periodic work: rolls an old segment, flushes what is due, expires producers, applies retention. To be called every
    /// second or so, from a thread that may block on the device.
    ///
    /// - Parameter now: the time by the log's clock; see ``LogClock``.
    @discardableResult
    package func maintain(now: Int64, hold: RetentionHold? = nil) throws(LogError) -> RetentionReport {
        var failure: LogError?
        do throws(LogError) {
            try sealAndFlush(now: now)
        } catch {
            // On a full disk this fails, and retention makes room.
            failure = error
        }
        let report = try applyRetention(now: now, hold: hold)
        if let failure { throw failure }
        let damage = state.withLock { state in
            defer { state.damageToReport = nil }
            return state.damageToReport
        }
        if let damage { throw LogError(.damaged, "\(damage). Restart the ingestor: it sets the damage aside") }
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
            try LogError.mapping { () throws(FileError) in try ProducerSnapshot.prune(in: directory, disk: disk) }
        }
    }

    /// Deletes the oldest segments as `retention.ms` and `retention.bytes` say. Where even the newest records are too
    /// old, all of them go, and the log is empty at the same end offset. Age counts from appending, whatever timestamps
    /// the records have.
    ///
    /// - Parameter now: the time by the log's clock; see ``LogClock``.
    @discardableResult
    package func applyRetention(now: Int64, hold: RetentionHold? = nil) throws(LogError) -> RetentionReport {
        var report = try delete(hold) { state throws(LogError) in state.segmentsToDelete(now: now, hold) }
        // The active segment is sealed before it is deleted, which takes a little space: so it comes last.
        let rest = try delete(hold) { state throws(LogError) in
            guard state.failure == nil, let limit = state.configuration.retentionMilliseconds,
                let age = state.active.age(now: now), age > limit
            else { return (0, false) }
            if state.isHeld(age: age, endOffset: state.endOffset, hold) { return (0, true) }
            try state.roll()
            return state.segmentsToDelete(now: now, hold)
        }
        report.segmentsDeleted += rest.segmentsDeleted
        report.bytesDeleted += rest.bytesDeleted
        report.logStartOffset = rest.logStartOffset
        report.isHeld = report.isHeld || rest.isHeld
        report.recordsDeletedUnread += rest.recordsDeletedUnread
        return report
    }

    /// Removes as many of the oldest segments from the log as `choose` returns, deletes them and records the new start.
    /// `choose` also returns whether the hold keeps more.
    private func delete(
        _ hold: RetentionHold?,
        _ choose: (inout LogState) throws(LogError) -> (count: Int, isHeld: Bool)
    ) throws(LogError) -> RetentionReport {
        try maintenance.withLock { _ throws(LogError) in
            let (segments, before, after, isHeld) = try state.withLock { state throws(LogError) in
                try state.requireOpen()
                let before = state.logStartOffset
                let (count, isHeld) = try choose(&state)
                let segments = Array(state.segments.prefix(count))
                state.segments.removeFirst(count)
                state.logStartOffset = max(state.logStartOffset, count > 0 ? state.segments[0].baseOffset : 0)
                return (segments, before, state.logStartOffset, isHeld)
            }
            // The new start is noted first, so that a deletion that fails does not bring old records back at the next start.
            // On a full disk that fails, and the deletion is what makes room for it.
            var isNoted = after == state.withLock(\.notedStartOffset)
            if !isNoted { do throws(LogError) { try saveCheckpoint(); isNoted = true } catch {} }
            try LogError.mapping { () throws(FileError) in
                // The oldest first: a crash in between leaves a log that begins later, without a hole.
                for segment in segments { try segment.deleteFiles() }
            }
            if !isNoted { try saveCheckpoint() }
            return RetentionReport(
                segmentsDeleted: segments.count,
                bytesDeleted: segments.reduce(0) { $0 + $1.size },
                logStartOffset: after,
                isHeld: isHeld,
                recordsDeletedUnread: hold.map { max(0, after - max(before, $0.offset)) } ?? 0
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
        // The append's own flush is in progress, or failed to open a file.
        case .always: true
        }
    }

    /// How many of the oldest segments retention does not keep, never the active one; and whether `hold` keeps more.
    fileprivate func segmentsToDelete(now: Int64, _ hold: RetentionHold?) -> (count: Int, isHeld: Bool) {
        var bytes = segments.reduce(0) { $0 + $1.size }
        var count = 0
        for (segment, next) in zip(segments, segments.dropFirst()) {
            if next.baseOffset > logStartOffset {
                let age = segment.age(now: now) ?? .max
                let isTooOld = configuration.retentionMilliseconds.map { age > $0 } ?? false
                let isTooMuch = configuration.retentionBytes.map { bytes - segment.size >= $0 } ?? false
                guard isTooOld || isTooMuch else { break }
                if isHeld(age: age, endOffset: next.baseOffset, hold) { return (count, true) }
            }
            bytes -= segment.size
            count += 1
        }
        return (count, false)
    }

    /// Whether `hold` keeps a segment of this age that ends at this offset.
    fileprivate func isHeld(age: Int64, endOffset: Int64, _ hold: RetentionHold?) -> Bool {
        guard let hold, endOffset > hold.offset else { return false }
        let limit = (configuration.retentionMilliseconds ?? 0).addingReportingOverflow(hold.milliseconds)
        return limit.overflow || age <= limit.partialValue
    }
}

/// The outcome of retention.
package struct RetentionReport: Hashable, Sendable {
    package internal(set) var segmentsDeleted = 0
    package internal(set) var bytesDeleted = 0
    /// The offset of the oldest record that is kept now.
    package internal(set) var logStartOffset: Int64
    /// Whether expired records are kept because of a ``RetentionHold``.
    package internal(set) var isHeld = false
    /// Held records that were deleted because the bound of the ``RetentionHold`` had passed.
    package internal(set) var recordsDeletedUnread: Int64 = 0
}

/// Keeps records beyond their retention for a reader that has not reached them.
package struct RetentionHold: Hashable, Sendable {
    /// Records from this offset on are kept.
    package let offset: Int64
    /// How long after their retention; then they are deleted nevertheless.
    package let milliseconds: Int64

    package init(offset: Int64, milliseconds: Int64) {
        self.offset = offset
        self.milliseconds = milliseconds
    }
}
