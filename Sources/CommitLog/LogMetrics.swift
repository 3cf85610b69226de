import CoreMetrics

/// What the logs of all partitions count together.
enum LogMetrics {
    private static let flush = Timer(label: "hera_log_flush_seconds")

    /// The device took what a log had appended.
    static func flushed(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        flush.recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
