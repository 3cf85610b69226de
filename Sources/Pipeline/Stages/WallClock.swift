import ConnectAPI
import Foundation
import Glibc
import KafkaTopics

/// The time, for the source and the sink, which are told it: in this module clocks are read here alone. The ingestor,
/// which also runs by itself, reads them in a place of its own.
package enum WallClock {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    package static func milliseconds() -> Int64 { Int64(Date().timeIntervalSince1970 * 1000) }

    static func moment() -> Moment {
        var time = timespec()
        // Time that a suspended machine sleeps counts: retention counts it too.
        clock_gettime(CLOCK_BOOTTIME, &time)
        let uptime = Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
        return Moment(wall: Timestamp(milliseconds: milliseconds()), monotonic: MonotonicTime(milliseconds: uptime))
    }
}
