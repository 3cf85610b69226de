/// The configuration of a log. Names and defaults are Kafka's, except for the smaller segment.
///
/// A topic's overrides come as texts under Kafka's names: see ``applying(_:)``.
package struct LogConfiguration: Hashable, Sendable {
    /// `segment.bytes`: a segment is sealed before it would grow beyond this. 256 MiB and not Kafka's GiB: after a
    /// crash the last segment is read through, and retention gives back space one segment at a time.
    package var segmentBytes = 256 << 20
    /// `segment.ms`: a segment is sealed when its first batch is this old.
    package var segmentMilliseconds: Int64 = 7 * 86_400_000
    /// `retention.ms`: segments whose newest record is older are deleted; `nil` keeps them.
    package var retentionMilliseconds: Int64? = 7 * 86_400_000
    /// `retention.bytes`: the oldest segments are deleted while the rest has at least this many bytes; `nil` keeps them.
    package var retentionBytes: Int?
    /// `index.interval.bytes`: bytes of log between entries of an index.
    package var indexIntervalBytes = 4096
    /// `max.message.bytes`: the largest batch that is accepted.
    package var messageBytesMax = 1_048_588
    /// `producer.id.expiration.ms`: a producer that appended nothing for this time is forgotten, and its duplicates with it.
    package var producerExpirationMilliseconds: Int64 = 86_400_000
    /// `flush.messages` and `flush.ms`: when batches are forced to the device.
    package var flushPolicy = FlushPolicy.os
    /// Settings of Kafka whose value changes nothing on a single node, by name; only those that were chosen.
    var inert: [String: String] = [:]

    package init() {}
}

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
