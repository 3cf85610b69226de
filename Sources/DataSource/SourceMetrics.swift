import CoreMetrics

/// What the source counts.
enum SourceMetrics {
    private static let acknowledgedRecords = Counter(label: "hera_source_acknowledged_records_total")
    private static let failedRecords = Counter(label: "hera_source_failed_records_total")

    static func acknowledged(_ records: Int) { acknowledgedRecords.increment(by: records) }

    /// The broker refused records, or their fate is not known.
    static func failed(_ records: Int) { failedRecords.increment(by: records) }
}
