/// How much of a compacted log is to be cleaned.
struct CleaningNeed: Hashable, Sendable {
    /// The bytes of segments that were cleaned before.
    let cleanBytes: Int
    /// The bytes of those that were not and can be.
    let dirtyBytes: Int
    /// Whether one of them waits longer than `max.compaction.lag.ms`.
    let isOverdue: Bool
    /// The share of all of them that was not cleaned.
    var dirtyRatio: Double { Double(dirtyBytes) / Double(max(1, cleanBytes + dirtyBytes)) }

    /// Whether this log is to be cleaned before the other one.
    func isMoreUrgent(than other: CleaningNeed) -> Bool {
        if isOverdue != other.isOverdue { return isOverdue }
        return dirtyRatio > other.dirtyRatio
    }
}

/// What one cleaning of a log works on: the log as it is when it begins.
struct CleaningPlan: Sendable {
    /// All segments up to ``end``, those that were cleaned before included.
    let segments: [LogSegment]
    /// The records from here on were not cleaned yet.
    let firstDirtyOffset: Int64
    /// Where the segments end.
    let end: Int64
    /// The offset of the last record of each producer that the log remembers, by its id.
    let lastOffsets: [Int64: Int64]
    let configuration: LogConfiguration
    /// The time by the log's clock.
    let now: Int64
}

extension LogState {
    /// What there is to clean; `nil` where the log is not compacted, or not enough has been appended since it was cleaned.
    func cleaningNeed(now: Int64) -> CleaningNeed? {
        guard configuration.isCompacted, !isClosed, failure == nil else { return nil }
        let cleanable = segments.prefix(cleanableCount(now: now))
        // Fewer than were cleaned before can be cleaned now where the lag was raised since.
        let dirty = cleanable.dropFirst(cleanCount)
        guard let first = dirty.first else { return nil }
        let need = CleaningNeed(
            cleanBytes: cleanable.reduce(0) { $0 + $1.size } - dirty.reduce(0) { $0 + $1.size },
            dirtyBytes: dirty.reduce(0) { $0 + $1.size },
            isOverdue: now - (first.firstAppend ?? now) > configuration.compactionLagMaxMilliseconds
        )
        return need.isOverdue || need.dirtyRatio > configuration.cleanableRatioMin ? need : nil
    }

    /// What is to be cleaned now; `nil` where ``cleaningNeed(now:)`` is.
    func cleaningPlan(now: Int64) -> CleaningPlan? {
        guard cleaningNeed(now: now) != nil else { return nil }
        let count = cleanableCount(now: now)
        return CleaningPlan(
            segments: Array(segments.prefix(count)),
            firstDirtyOffset: max(cleanedOffset, logStartOffset),
            end: segments[count].baseOffset,
            lastOffsets: producers.producers.compactMapValues { $0.batches.last?.lastOffset },
            configuration: configuration,
            now: now
        )
    }

    /// How many of the oldest segments were cleaned before.
    private var cleanCount: Int { segments.dropFirst().prefix { $0.baseOffset <= cleanedOffset }.count }

    /// How many of the oldest segments can be cleaned: never the active one, none that was appended to within
    /// `min.compaction.lag.ms`, none that is damaged; and none that is not on the device, as a power cut could take the record
    /// for whose sake an older one was removed.
    private func cleanableCount(now: Int64) -> Int {
        segments.dropLast().prefix { segment in
            !segment.needsFlush && segment.baseOffset < damagedFrom ?? .max
                && segment.age(now: now) ?? 0 >= configuration.compactionLagMinMilliseconds
        }.count
    }
}
