internal import Histogram

/// How long records waited from the moment the producer took them to their acknowledgement.
///
/// Records that one answer of the broker acknowledged count with the latency of the first of them, the longest.
package struct AcknowledgementLatency: Sendable {
    private var histogram = Histogram<UInt64>(
        lowestDiscernibleValue: 1,
        highestTrackableValue: Limits.latencyMicrosecondsMax,
        numberOfSignificantValueDigits: .three
    )

    package init() {}

    /// How many records were acknowledged.
    package var count: Int { Int(histogram.totalCount) }

    /// Notes the latency of `count` records.
    mutating func record(_ latency: Duration, count: Int) {
        let (seconds, attoseconds) = latency.components
        let microseconds = max(0, seconds) * 1_000_000 + max(0, attoseconds) / 1_000_000_000_000
        let value = min(UInt64(microseconds), Limits.latencyMicrosecondsMax)
        let isRecorded = histogram.record(value, count: UInt64(count))
        precondition(isRecorded, "every latency up to the greatest is in the histogram's range")
    }

    /// The latency that `percent` of the records did not exceed; `nil` where none was acknowledged.
    package func percentile(_ percent: Double) -> Duration? {
        count == 0 ? nil : .microseconds(Int64(histogram.valueAtPercentile(percent)))
    }
}
