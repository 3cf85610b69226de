import ConnectAPI
import Foundation

/// The time of day, for the source and the sink, which are told it: in this module the wall clock is read here alone. The
/// ingestor, which also runs by itself, reads it in a place of its own.
enum WallClock {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    static func milliseconds() -> Int64 { Int64(Date().timeIntervalSince1970 * 1000) }

    static func timestamp() -> Timestamp { Timestamp(milliseconds: milliseconds()) }
}
