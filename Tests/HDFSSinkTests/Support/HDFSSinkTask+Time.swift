import ConnectAPI
import HDFSSink
import KafkaTopics

/// For tests in which the wall clock is not set: both clocks show the same time.
extension HDFSSinkTask {
    func open(_ partitions: [SinkPartition], now: Timestamp) async throws(SinkTaskError) -> [TopicPartition: Int64] {
        try await open(partitions, now: Moment(at: now)).compactMapValues(\.next)
    }

    func put(_ records: SinkRecords, now: Timestamp) async throws(SinkTaskError) {
        try await put(records, now: Moment(at: now))
    }

    func nextDeadline(now: Timestamp) -> Timestamp? {
        nextDeadline(now: Moment(at: now)).map { Timestamp(milliseconds: $0.milliseconds) }
    }

    func timerFired(now: Timestamp) async throws(SinkTaskError) {
        try await timerFired(now: Moment(at: now))
    }

    func close(_ partitions: [TopicPartition], _ reason: CloseReason, now: Timestamp) async throws(SinkTaskError) {
        try await close(partitions, reason, now: Moment(at: now))
    }
}

extension Moment {
    init(at time: Timestamp) {
        self.init(wall: time, monotonic: MonotonicTime(milliseconds: time.milliseconds))
    }
}

extension RotationPolicy {
    func dueReason(now: Timestamp) -> RotationReason? { dueReason(now: Moment(at: now)) }

    func deadline(now: Timestamp) -> Timestamp? {
        deadline(now: Moment(at: now)).map { Timestamp(milliseconds: $0.milliseconds) }
    }

    mutating func passed(now: Timestamp) { passed(now: Moment(at: now)) }
}
