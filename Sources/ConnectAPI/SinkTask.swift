package import KafkaTopics

/// What files the records of some partitions: the inner part of a sink connector.
///
/// The runner calls one method at a time, never two at once, and always tells the time (`now`); a task therefore needs
/// no lock and reads no clock. The order for a partition is
///
///     start … open ─► (put | timerFired | committable)* ─► close … stop
///
/// **Errors.** Whatever `open`, `put`, `timerFired` or `close` throws says what it concerns and whether it helps to try
/// again (`SinkTaskError`). The runner then calls `close(…, .abandoned)`, waits, and opens the partitions again: the task
/// begins at its last durable record and is given the records behind it once more. So a task never has to mend a
/// half-done batch; it throws it away.
///
/// **Topics that are made again.** Kafka does not tell that a topic was deleted and made again under its name. A task
/// makes records of a partition durable only after it has asked `SinkTaskContext.topicID(of:)`, and got the id with which
/// the partition was opened; where none was known, it does not ask.
package protocol SinkTask: AnyObject {
    /// Called once, before anything else.
    func start(now: Moment) async throws(SinkTaskError)

    /// Takes partitions over. The result says where each has to begin; a partition that is missing in it begins at the
    /// group's committed offset, or else where `auto.offset.reset` says.
    ///
    /// The runner holds the start's fingerprint and topic id against what Kafka has. Where they differ it hands over no
    /// record, and gives the partition up with `.abandoned`.
    ///
    /// Where some cannot be taken over, the error unites the error of each. Those wait; the others are closed with
    /// `.abandoned` and opened again at once.
    ///
    /// The first batch's `firstOffset` is where the partition in fact began: if records before it were lost to
    /// retention, the batch says so in `skipped`.
    func open(_ partitions: [SinkPartition], now: Moment) async throws(SinkTaskError) -> [TopicPartition: SinkStart]

    /// Takes a batch, whose `firstOffset` is the `nextOffset` of the partition's batch before it. A batch may hold no
    /// record and only say what was skipped.
    func put(_ records: SinkRecords, now: Moment) async throws(SinkTaskError)

    /// A topic keeps its records for another time than its partitions were opened with; `nil`: without end, or unknown.
    func retentionChanged(ofTopic topic: String, milliseconds: Int64?)

    /// When `timerFired` has to be called even if no record arrives; `nil`: not before the next batch.
    func nextDeadline(now: Moment) -> MonotonicTime?

    /// Called when the deadline has come, perhaps late.
    func timerFired(now: Moment) async throws(SinkTaskError)

    /// For each open partition from which something is durable, and for those that the last `close` gave up: the offset
    /// behind it. The runner commits it to the consumer group, for lag and other tools; the task itself does not rely
    /// on it.
    func committable() -> [TopicPartition: Int64]

    /// Gives partitions up. With `.handedOver` what is held in memory is filed first. With `.abandoned` some may not be
    /// open, because it was `open` that failed.
    func close(_ partitions: [TopicPartition], _ reason: CloseReason, now: Moment) async throws(SinkTaskError)

    /// Called once, after the last `close`.
    func stop() async
}

/// What a task can ask its runner.
package protocol SinkTaskContext: AnyObject {
    /// The id of the topic of this name; `nil` where there is none, or the broker does not tell it.
    ///
    /// The answer is as of a moment after all that the task was given of the topic had been read. So where it is the id
    /// with which a partition was opened, all these records came from that topic.
    ///
    /// - Throws: where the cluster does not answer. The error names no partitions.
    func topicID(of topic: String) async throws(SinkTaskError) -> String?
}

/// A partition that is handed to a task, with what the task cannot know itself.
package struct SinkPartition: Hashable, Sendable {
    package let id: TopicPartition

    /// How long the topic keeps its records, in milliseconds; `nil` where that is unlimited or not known.
    /// A task files records well before this has passed.
    package let retentionMilliseconds: Int64?

    /// The topic's id, which a topic made again under the same name does not have; `nil` where the broker does not tell.
    package let topicID: String?

    package init(_ id: TopicPartition, retentionMilliseconds: Int64? = nil, topicID: String? = nil) {
        self.id = id
        self.retentionMilliseconds = retentionMilliseconds
        self.topicID = topicID
    }
}

/// Where a sink begins a partition that it took over, and by what the runtime knows that Kafka still holds the log whose
/// offsets these are.
package struct SinkStart: Hashable, Sendable {
    /// The offset behind the last one that is durable; `nil`: the sink knows none, so the group's committed offset
    /// counts, or else `auto.offset.reset`.
    package let next: Int64?

    /// The last record that the sink explains, which lies before `next`; `nil` where the sink does not know it.
    package let fingerprint: RecordFingerprint?

    /// The id of the topic that the offsets belong to; `nil` where the sink does not know it.
    package let topicID: String?

    package init(next: Int64?, fingerprint: RecordFingerprint? = nil, topicID: String? = nil) {
        self.next = next
        self.fingerprint = fingerprint
        self.topicID = topicID
    }
}

/// Why a task gives a partition up.
package enum CloseReason: Hashable, Sendable {
    /// The partition goes to another member, the runner stops, or Kafka no longer has what comes next: there is time to
    /// file what is held in memory.
    case handedOver
    /// The group has already given it to another one: nothing may be filed any more.
    case lost
    /// The runner opens it again at once after an error: what is held in memory is thrown away.
    case abandoned
}
