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
package protocol SinkTask: AnyObject {
    /// Called once, before anything else.
    func start(now: Moment) async throws(SinkTaskError)

    /// Takes partitions over. The result says where each has to begin; a partition that is missing in it begins at the
    /// group's committed offset, or else where `auto.offset.reset` says.
    ///
    /// The runner holds the start's fingerprint and topic id against what Kafka has. Where they differ it hands over no
    /// record, and gives the partition up with `.abandoned`.
    ///
    /// Where some cannot be taken over the error unites what befell each. Those wait; the others are closed with
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
