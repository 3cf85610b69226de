/// Confluent's partitioners that go by the time; the text is the class's own name.
enum PartitionerKind: String, CaseIterable, Sendable {
    case timeBased = "TimeBasedPartitioner"
    case daily = "DailyPartitioner"
    case hourly = "HourlyPartitioner"

    /// The format and the duration that come with it; `nil` where settings say them.
    var preset: (pathFormat: String, durationMilliseconds: Int64)? {
        switch self {
        case .timeBased: nil
        case .daily: ("'year'=YYYY/'month'=MM/'day'=dd", 86_400_000)
        case .hourly: ("'year'=YYYY/'month'=MM/'day'=dd/'hour'=HH", 3_600_000)
        }
    }
}
