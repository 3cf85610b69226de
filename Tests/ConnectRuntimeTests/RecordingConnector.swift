import ConnectAPI
import KafkaTopics
import PipelineTesting
import Synchronization

/// A sink that makes batches durable in a `RecordingStore`, every `flush.size` records, `flush.ms` after the first, or
/// when it gives a partition up.
struct RecordingConnector: SinkConnector {
    static let classNames = ["RecordingConnector"]
    static let version = "1"
    static let filesOtherTopics = false

    static func problems(with values: ConfigurationValues) -> [ConfigurationProblem] {
        guard values.integer("flush.ms") == 13 else { return [] }
        return [ConfigurationProblem(key: "flush.ms", message: "'13' brings bad luck")]
    }

    static func explanation(of values: ConfigurationValues) -> [String] {
        ["Holds \(values.text("flush.size")) records."]
    }

    static let definitions = ConfigurationDefinitions([
        ConfigurationDefinition("flush.size", .int, default: "1", .atLeast(1), "Records to hold."),
        ConfigurationDefinition("flush.ms", .long, default: nil, .atLeast(1), "How long to hold records."),
    ])

    let store: RecordingStore

    func makeTask(
        _ task: SinkTaskIdentity,
        context: any SinkTaskContext,
        values: ConfigurationValues
    ) throws(SinkTaskError) -> any SinkTask {
        RecordingTask(
            store: store,
            writer: task.writer,
            flushSize: Int(values.integer("flush.size") ?? 1),
            flushMilliseconds: values.integer("flush.ms")
        )
    }
}

private final class RecordingTask: SinkTask {
    private struct Held {
        var records: [Int64: String] = [:]
        var skipped = SkippedCounts()
        var position: Int64?
        var since: MonotonicTime?
    }

    private let store: RecordingStore
    private let writer: String
    private let flushSize: Int
    private let flushMilliseconds: Int64?
    private var held: [TopicPartition: Held] = [:]
    private var durable: [TopicPartition: Int64] = [:]

    init(store: RecordingStore, writer: String, flushSize: Int, flushMilliseconds: Int64?) {
        self.store = store
        self.writer = writer
        self.flushSize = flushSize
        self.flushMilliseconds = flushMilliseconds
    }

    func start(now: Moment) async throws(SinkTaskError) {}

    func open(_ partitions: [SinkPartition], now: Moment) async throws(SinkTaskError) -> [TopicPartition: SinkStart] {
        for partition in partitions {
            precondition(held[partition.id] == nil, "\(partition.id) is opened twice")
            held[partition.id] = Held()
        }
        let failure = store.change { $0.openFailures.isEmpty ? nil : $0.openFailures.removeFirst() }
        if let failure { throw failure }
        let ids = partitions.map(\.id)
        return store.change { contents in
            contents.openings += 1
            contents.writers.insert(writer)
            let pairs = ids.compactMap { id in
                contents.next[id].map { (id, SinkStart(next: $0, fingerprint: contents.fingerprints[id])) }
            }
            return Dictionary(uniqueKeysWithValues: pairs)
        }
    }

    func put(_ records: SinkRecords, now: Moment) async throws(SinkTaskError) {
        let failure = store.change { $0.failures.isEmpty ? nil : $0.failures.removeFirst() }
        if let failure { throw failure }
        guard var held = held[records.partition] else { preconditionFailure("\(records.partition) is not open") }
        precondition(records.explainsEveryOffset, "a batch does not explain all its offsets")
        precondition(held.position == nil || held.position == records.firstOffset, "a batch is out of order")
        for index in 0..<records.count {
            held.records[records.offsets[index]] = records.value(at: index).map { String(decoding: $0, as: UTF8.self) }
        }
        let counts = records.skippedCounts(in: records.firstOffset..<records.nextOffset)
        held.skipped += counts
        held.position = records.nextOffset
        held.since = held.since ?? now.monotonic
        self.held[records.partition] = held
        store.change { $0.handed[records.partition] = records.nextOffset }
        if held.records.count >= flushSize { flush(records.partition) }
    }

    func retentionChanged(ofTopic topic: String, milliseconds: Int64?) {}

    func nextDeadline(now: Moment) -> MonotonicTime? {
        guard let flushMilliseconds else { return nil }
        return held.values.compactMap(\.since).min()?.advanced(byMilliseconds: flushMilliseconds)
    }

    func timerFired(now: Moment) async throws(SinkTaskError) {
        store.change { $0.timersFired += 1 }
        for partition in held.keys { flush(partition) }
    }

    func committable() -> [TopicPartition: Int64] { durable }

    func close(
        _ partitions: [TopicPartition],
        _ reason: CloseReason,
        now: Moment
    ) async throws(SinkTaskError) {
        for partition in partitions {
            if reason == .handedOver { flush(partition) }
            held[partition] = nil
            if reason != .handedOver { durable[partition] = nil }
        }
        store.change { $0.closings.append(reason) }
    }

    func stop() async {
        precondition(held.isEmpty, "stopped with open partitions: \(held.keys)")
        store.change { $0.stops += 1 }
    }

    private func flush(_ partition: TopicPartition) {
        guard let held = held[partition], let position = held.position else { return }
        store.change { contents in
            contents.repeated += held.records.keys.filter { contents.records[partition]?[$0] != nil }
            contents.records[partition, default: [:]].merge(held.records) { _, new in new }
            contents.next[partition] = position
            contents.skipped[partition, default: SkippedCounts()] += held.skipped
        }
        durable[partition] = position
        self.held[partition] = Held()
        self.held[partition]?.position = position
    }
}

/// What recording sinks made durable, seen by all of them, and the script of what goes wrong.
final class RecordingStore: Sendable {
    struct Contents: Sendable {
        /// Durable offsets with their values, by partition, in the order in which they became durable.
        var records: [TopicPartition: [Int64: String]] = [:]
        /// The offset behind the last durable one.
        var next: [TopicPartition: Int64] = [:]
        /// The last durable record, where the sink is to know it.
        var fingerprints: [TopicPartition: RecordFingerprint] = [:]
        var skipped: [TopicPartition: SkippedCounts] = [:]
        /// Offsets that became durable more than once.
        var repeated: [Int64] = []
        /// The offset behind the last one that a task was handed.
        var handed: [TopicPartition: Int64] = [:]
        /// Who took partitions over.
        var writers: Set<String> = []
        var openings = 0
        var closings: [CloseReason] = []
        /// What the next calls of `put` throw instead of taking the batch.
        var failures: [SinkTaskError] = []
        /// What the next calls of `open` throw, after they took the partitions over that the error does not name.
        var openFailures: [SinkTaskError] = []
        var timersFired = 0
        var stops = 0

        var count: Int { records.values.reduce(0) { $0 + $1.count } }
    }

    private struct State {
        var contents = Contents()
        var isGivenUp = false
        var waiters: [(isDone: @Sendable (Contents) -> Bool, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var contents: Contents { state.withLock { $0.contents } }

    func change<Result: Sendable>(_ body: (inout Contents) -> Result) -> Result {
        let (result, due) = state.withLock { state -> (Result, [CheckedContinuation<Void, Never>]) in
            let result = body(&state.contents)
            let contents = state.contents
            let due = state.waiters.filter { $0.isDone(contents) }.map(\.continuation)
            state.waiters.removeAll { $0.isDone(contents) }
            return (result, due)
        }
        for continuation in due { continuation.resume() }
        return result
    }

    /// Nothing more will come: ends all waits, now and later.
    func giveUp() {
        let waiters = state.withLock { state in
            state.isGivenUp = true
            defer { state.waiters = [] }
            return state.waiters.map(\.continuation)
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Returns once `isDone` holds, or the store is given up.
    func wait(until isDone: @escaping @Sendable (Contents) -> Bool) async {
        await withCheckedContinuation { continuation in
            let isDue = state.withLock { state -> Bool in
                if state.isGivenUp || isDone(state.contents) { return true }
                state.waiters.append((isDone, continuation))
                return false
            }
            if isDue { continuation.resume() }
        }
    }
}
