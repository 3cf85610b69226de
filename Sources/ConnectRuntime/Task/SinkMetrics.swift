import ConnectAPI
import CoreMetrics
import KafkaTopics

/// What the tasks of all sinks count together: records by what became of them.
enum SinkMetrics {
    private static let delivered = counter("delivered")
    private static let filtered = counter("filtered")
    private static let deadLettered = counter("dead_lettered")
    private static let lost = counter("lost")

    /// Counts a batch that a task took.
    static func count(_ records: SinkRecords) {
        delivered.increment(by: records.count)
        guard records.nextOffset - records.firstOffset > records.count else { return }
        let skipped = records.skippedCounts(in: records.firstOffset..<records.nextOffset)
        filtered.increment(by: skipped.filtered)
        deadLettered.increment(by: skipped.deadLettered)
        lost.increment(by: skipped.lost)
    }

    private static func counter(_ what: String) -> Counter {
        Counter(label: "hera_sink_\(what)_records_total")
    }
}
