import ConnectAPI
import KafkaTopics

/// A sink that makes batches durable in a `RecordingStore`, every `flush.size` records, `flush.ms` after the first, or
/// when it gives a partition up.
struct RecordingConnector: SinkConnector {
    static let classNames = ["RecordingConnector"]
    static let definitions = ConfigurationDefinitions([
        ConfigurationDefinition("flush.size", .int, default: "1", .atLeast(1), "Records to hold."),
        ConfigurationDefinition("flush.ms", .long, default: nil, .atLeast(1), "How long to hold records."),
    ])

    let store: RecordingStore

    func makeTask(_ task: SinkTaskIdentity, values: ConfigurationValues) throws(SinkTaskError) -> any SinkTask {
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
        held.skipped.filtered += counts.filtered
        held.skipped.deadLettered += counts.deadLettered
        held.skipped.lost += counts.lost
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
            var counts = contents.skipped[partition] ?? SkippedCounts()
            counts.filtered += held.skipped.filtered
            counts.deadLettered += held.skipped.deadLettered
            counts.lost += held.skipped.lost
            contents.skipped[partition] = counts
        }
        durable[partition] = position
        self.held[partition] = Held()
        self.held[partition]?.position = position
    }
}
