import ConnectAPI
import HDFSSink
import KafkaTopics

/// The pipeline's sink, with something done between each batch that it takes and what comes next.
struct InterruptedSink: SinkConnector {
    /// Is given the offset behind the batch.
    typealias AfterPut = @Sendable (_ next: Int64) async -> Void

    static let classNames = HDFSSinkConnector.classNames
    static let version = HDFSSinkConnector.version
    static let definitions = HDFSSinkConnector.definitions
    static let filesOtherTopics = HDFSSinkConnector.filesOtherTopics

    static func problems(with values: ConfigurationValues) -> [ConfigurationProblem] {
        HDFSSinkConnector.problems(with: values)
    }

    static func explanation(of values: ConfigurationValues) -> [String] {
        HDFSSinkConnector.explanation(of: values)
    }

    let sink: HDFSSinkConnector
    let afterPut: AfterPut

    func makeTask(
        _ task: SinkTaskIdentity,
        context: any SinkTaskContext,
        values: ConfigurationValues
    ) throws(SinkTaskError) -> any SinkTask {
        InterruptedTask(task: try sink.makeTask(task, context: context, values: values), afterPut: afterPut)
    }
}

private final class InterruptedTask: SinkTask {
    private let task: any SinkTask
    private let afterPut: InterruptedSink.AfterPut

    init(task: any SinkTask, afterPut: @escaping InterruptedSink.AfterPut) {
        self.task = task
        self.afterPut = afterPut
    }

    func put(_ records: SinkRecords, now: Moment) async throws(SinkTaskError) {
        let next = records.nextOffset
        try await task.put(records, now: now)
        await afterPut(next)
    }

    func start(now: Moment) async throws(SinkTaskError) { try await task.start(now: now) }

    func open(_ partitions: [SinkPartition], now: Moment) async throws(SinkTaskError) -> [TopicPartition: SinkStart] {
        try await task.open(partitions, now: now)
    }

    func retentionChanged(ofTopic topic: String, milliseconds: Int64?) {
        task.retentionChanged(ofTopic: topic, milliseconds: milliseconds)
    }

    func nextDeadline(now: Moment) -> MonotonicTime? { task.nextDeadline(now: now) }

    func timerFired(now: Moment) async throws(SinkTaskError) { try await task.timerFired(now: now) }

    func committable() -> [TopicPartition: Int64] { task.committable() }

    func close(_ partitions: [TopicPartition], _ reason: CloseReason, now: Moment) async throws(SinkTaskError) {
        try await task.close(partitions, reason, now: now)
    }

    func stop() async { await task.stop() }
}
