import CommitLog
import ConnectAPI
import KafkaTopics

/// The time, for the stages that are told it: the machine's clocks are read by `LogClock.Readings` alone.
package enum WallClock {
    private static let clocks = LogClock.Readings.system

    /// Milliseconds since 1970-01-01T00:00:00Z.
    package static func milliseconds() -> Int64 { clocks.timeOfDay() }

    /// The monotonic part counts the time that a suspended machine sleeps, as retention does.
    static func moment() -> Moment {
        Moment(
            wall: Timestamp(milliseconds: clocks.timeOfDay()),
            monotonic: MonotonicTime(milliseconds: clocks.sinceBoot())
        )
    }
}
