/// The status of a task.
///
/// Health is progress: a task that was given records is `running` only while it makes them durable in time.
package struct SinkTaskStatus: Hashable, Sendable, Codable {
    package enum State: String, Hashable, Sendable, Codable {
        /// It owns no partition: there are more tasks than partitions, or the group is rebalancing.
        case unassigned = "UNASSIGNED"
        case running = "RUNNING"
        /// It is being retried, or its records do not become durable; `reason` says why.
        case degraded = "DEGRADED"
        /// It ended by an error, or all of its partitions wait for an operator; `reason` says why.
        case failed = "FAILED"
        /// It was asked to end, and did.
        case stopped = "STOPPED"
    }

    package var state: State
    /// Why it is not running well; `nil` where it is.
    package var reason: String?
    /// In the order of topic and partition.
    package var partitions: [SinkPartitionStatus]
    /// How many records were set aside since the task began, by cause.
    package var deadLetters: [String: Int64]

    package init(
        state: State,
        reason: String?,
        partitions: [SinkPartitionStatus],
        deadLetters: [String: Int64] = [:]
    ) {
        self.state = state
        self.reason = reason
        self.partitions = partitions
        self.deadLetters = deadLetters
    }
}

/// The status of one partition of a task. Counts are since the task took it over.
package struct SinkPartitionStatus: Hashable, Sendable, Codable {
    package enum State: String, Hashable, Sendable, Codable {
        /// It is being taken over.
        case opening = "OPENING"
        case running = "RUNNING"
        /// It is tried again; `reason` says why.
        case degraded = "DEGRADED"
        /// There are records above its position, and none of them arrives.
        case stalled = "STALLED"
        /// An operator has to act; it is tried again meanwhile.
        case failed = "FAILED"
    }

    package var topic: String
    package var partition: Int32
    package var state: State
    /// Why it is not running well; `nil` where it is.
    package var reason: String?
    /// How long it has not been running well, in milliseconds.
    package var unwellMilliseconds: Int64?
    /// The next offset to be read; `nil` while the partition is being opened.
    package var position: Int64?
    /// The offset behind the last one that is durable; `nil` until the sink knows one.
    package var durable: Int64?
    /// The offset that the consumer group has committed.
    package var committed: Int64?
    /// The offset behind the last record in the topic, as of the last one that was read, or of the takeover.
    package var highWatermark: Int64?
    /// Records handed to the sink.
    package var delivered: Int64
    package var filtered: Int64
    package var deadLettered: Int64
    /// Offsets at which Kafka holds no record.
    package var absent: Int64
    /// Records that retention removed before they were read.
    package var lost: Int64

    /// How many offsets are not durable yet; `nil` while the ends are not known.
    package var lag: Int64? {
        guard let highWatermark, let done = durable ?? position else { return nil }
        return max(0, highWatermark - done)
    }
}
