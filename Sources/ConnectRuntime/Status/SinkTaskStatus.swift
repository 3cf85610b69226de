/// How a task is, in numbers and words that other programs can read.
///
/// Health is progress: a task that was given records is `running` only while it makes them durable in time.
package struct SinkTaskStatus: Hashable, Sendable, Codable {
    package enum State: String, Hashable, Sendable, Codable {
        /// It owns no partition: there are more tasks than partitions, or the group is about to hand them out.
        case unassigned = "UNASSIGNED"
        case running = "RUNNING"
        /// It tries again, or what it was given does not become durable; `reason` says why.
        case degraded = "DEGRADED"
        /// It ended by an error, or none of its partitions is filed until a person has mended something; `reason` says
        /// what.
        case failed = "FAILED"
        /// It was asked to end, and did.
        case stopped = "STOPPED"
    }

    package var state: State
    /// Why it is not well, for a person; `nil` where it is.
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
