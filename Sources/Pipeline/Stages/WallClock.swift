import ConnectAPI
import Foundation

/// The one place where the pipeline looks at the wall clock; everything below is told the time.
enum WallClock {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    static func milliseconds() -> Int64 { Int64(Date().timeIntervalSince1970 * 1000) }

    static func timestamp() -> Timestamp { Timestamp(milliseconds: milliseconds()) }
}
