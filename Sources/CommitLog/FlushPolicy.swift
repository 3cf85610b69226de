/// When appended batches are forced to the device. See `docs/decisions/` for what each can lose.
package enum FlushPolicy: Hashable, Sendable, CustomStringConvertible {
    /// When the operating system writes them. The end of the process, even by `SIGKILL`, loses nothing; a power cut may
    /// lose what was acknowledged in the last seconds. Kafka's default.
    case os
    /// By the first call of ``PartitionLog/maintain(now:hold:)`` that comes at least this many milliseconds (from 1) after
    /// they were appended: so at most this time, and the time between two such calls, after.
    case interval(milliseconds: Int64)
    /// Before they are acknowledged: nothing acknowledged is ever lost.
    case always

    /// `os`, `interval 500 ms` or `always`, for status pages.
    package var description: String {
        switch self {
        case .os: "os"
        case .interval(let milliseconds): "interval \(milliseconds) ms"
        case .always: "always"
        }
    }
}
