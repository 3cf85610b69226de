import ConnectAPI

/// What the worker knows of a partition that the group gave to it.
struct OwnedPartition: Sendable {
    enum Phase: Hashable, Sendable {
        /// The task is asked to take it over.
        case opening
        /// The task takes its batches.
        case running
        /// An error threw the task back; it is opened again at this moment.
        case waiting(until: MonotonicTime)
    }

    var phase = Phase.opening
    /// The next offset to hand to the task.
    var position: Int64?
    /// The offset behind the last one that is durable.
    var durable: Int64?
    /// What the group has.
    var committed: Int64?
    /// The offset behind the last record in the topic, as last heard.
    var highWatermark: Int64?
    var delivered: Int64 = 0
    var skipped = SkippedCounts()
    /// Errors since something last became durable.
    var failures = 0
    /// When the first of these errors came.
    var failingSince: MonotonicTime?
    /// What the last of these errors was.
    var lastError: String?

    /// Whether something was handed to the task that is not durable yet.
    var holdsUndurable: Bool {
        guard phase == .running, let position else { return false }
        return durable.map { $0 < position } ?? (delivered + skipped.total > 0)
    }

    /// Whether it is read on, all that there was to read is read, and all of that is durable.
    var isCaughtUp: Bool {
        guard phase == .running, !holdsUndurable, let position, let highWatermark else { return false }
        return position >= highWatermark
    }

    /// The trouble is over: the next error is a first one.
    mutating func recovered() {
        failures = 0
        failingSince = nil
        lastError = nil
    }
}
