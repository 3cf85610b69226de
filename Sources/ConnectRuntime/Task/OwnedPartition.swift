import ConnectAPI
import KafkaTopics

/// What the runner knows of a partition that the group gave to it.
struct OwnedPartition: Sendable {
    enum Phase: Hashable, Sendable {
        /// The task is asked to take it over.
        case opening
        /// The task takes its batches.
        case running
        /// An error threw the task back; it is opened again at this moment.
        case waiting(until: MonotonicTime)
    }

    /// Records lie behind the position, and none of them comes.
    struct Standstill: Sendable {
        let position: Int64
        let since: MonotonicTime
        /// When the cluster is asked about it next.
        var askAt: MonotonicTime
        /// How long to wait before it is asked again.
        var wait: Int64
        /// Whether the cluster has confirmed that records lie there, or does not answer.
        var isStalled = false
    }

    var phase = Phase.opening
    /// The next offset to hand to the task.
    var position: Int64?
    /// The record below `position` that is read once more, to see that the log is the same.
    var expected: RecordFingerprint?
    /// The offset behind the last one that is durable.
    var durable: Int64?
    /// What the group has.
    var committed: Int64?
    /// The offset behind the last record in the topic, as last heard.
    var highWatermark: Int64?
    var delivered: Int64 = 0
    var skipped = SkippedCounts()
    var standstill: Standstill?
    /// What the consumer last said that keeps it from reading on.
    var readError: String?
    /// Errors since something last became durable.
    var failures = 0
    /// When the first of these errors came.
    var failingSince: MonotonicTime?
    /// What the last of these errors was.
    var lastError: String?
    /// Whether that error needs a person.
    var isFailed = false

    /// Whether something was handed to the task that is not durable yet.
    var holdsUndurable: Bool {
        guard phase == .running, let position else { return false }
        return durable.map { $0 < position } ?? (delivered + skipped.total > 0)
    }

    /// Whether it is read on, all that there was to read is read, and all of that is durable.
    var isCaughtUp: Bool {
        guard phase == .running, expected == nil, !holdsUndurable, let position, let highWatermark else { return false }
        return position >= highWatermark
    }

    /// The trouble is over: the next error is a first one.
    mutating func recovered() {
        failures = 0
        failingSince = nil
        lastError = nil
        isFailed = false
    }

    /// Records came, or the partition begins elsewhere.
    mutating func moved() {
        standstill = nil
        readError = nil
    }
}
