package import KafkaProtocol

/// The configuration of a log. Names and defaults are Kafka's, except for the smaller segment.
///
/// A topic's overrides come as texts under Kafka's names: see ``applying(_:)``.
package struct LogConfiguration: Hashable, Sendable {
    /// `segment.bytes`: a segment is sealed before it would grow beyond this. 256 MiB and not Kafka's GiB: after a
    /// crash the last segment is read through, and retention gives back space one segment at a time.
    package var segmentBytes = 256 << 20
    /// `segment.ms`: a segment is sealed when its first batch is this old.
    package var segmentMilliseconds: Int64 = 7 * 86_400_000
    /// `segment.jitter.ms`: a segment is sealed up to this much earlier, each at an age of its own.
    package var segmentJitterMilliseconds: Int64 = 0
    /// `retention.ms`: segments whose newest record is older are deleted; `nil` keeps them.
    package var retentionMilliseconds: Int64? = 7 * 86_400_000
    /// `retention.bytes`: the oldest segments are deleted while the rest has at least this many bytes; `nil` keeps them.
    package var retentionBytes: Int?
    /// `index.interval.bytes`: bytes of log between entries of an index.
    package var indexIntervalBytes = 4096
    /// `max.message.bytes`: the largest batch that is accepted.
    package var messageBytesMax = 1_048_588
    /// `compression.type`: how batches are compressed.
    package var compression = TopicCompression.producer
    /// `compression.gzip.level`, `compression.lz4.level` and `compression.zstd.level`, where that is the compression.
    package var gzipLevel = RecordCompression.standardLevel(of: .gzip)
    package var lz4Level = RecordCompression.standardLevel(of: .lz4)
    package var zstdLevel = RecordCompression.standardLevel(of: .zstd)
    /// `message.timestamp.type`: whose timestamps records have.
    package var timestampType = TimestampType.createTime
    /// `message.timestamp.before.max.ms` and `message.timestamp.after.max.ms`: how far the timestamps of producers may be
    /// from the time of day. Kafka accepts an hour of the future, here the default is any: a producer whose clock is wrong
    /// loses nothing, as retention counts from appending.
    package var timestampBeforeMilliseconds = Int64.max
    package var timestampAfterMilliseconds = Int64.max
    /// `producer.id.expiration.ms`: a producer that appended nothing for this time is forgotten, and its duplicates with it.
    package var producerExpirationMilliseconds: Int64 = 86_400_000
    /// `flush.messages`: when so many records are not on the device, an append forces them there before it is acknowledged.
    package var flushMessages = Int64.max
    /// `flush.ms`: maintenance forces records to the device when they were appended this long ago.
    package var flushMilliseconds = Int64.max
    /// `cleanup.policy`: what becomes of old records, in the order it was chosen in.
    package var cleanupPolicy = [CleanupPolicy.delete]
    /// `min.cleanable.dirty.ratio`: a log is cleaned when more than this share of it was appended since the last time.
    package var cleanableRatioMin = 0.5
    /// `min.compaction.lag.ms`: records that were appended within this time are not compacted.
    package var compactionLagMinMilliseconds: Int64 = 0
    /// `max.compaction.lag.ms`: a log with records that wait longer is cleaned, whatever its share.
    package var compactionLagMaxMilliseconds = Int64.max
    /// `delete.retention.ms`: how long a compacted log keeps tombstones after they were cleaned for the first time.
    package var deleteRetentionMilliseconds: Int64 = 86_400_000
    /// How much an active segment grows, and how long it takes at least, before a recovery point is noted in it.
    var recoveryPointBytes = LogLimits.recoveryPointBytes
    var recoveryPointMilliseconds = LogLimits.recoveryPointMilliseconds
    /// Settings of Kafka whose value changes nothing on a single node, by name; only those that were chosen.
    var inert: [String: String] = [:]

    package init() {}

    /// Whether only the newest record of a key is kept.
    package var isCompacted: Bool { cleanupPolicy.contains(.compact) }
    /// What is deleted for its age and for the size of the log; `nil` keeps it.
    var deletion: (milliseconds: Int64?, bytes: Int?) {
        cleanupPolicy.contains(.delete) ? (retentionMilliseconds, retentionBytes) : (nil, nil)
    }

    /// How batches are compressed here; `nil` where they stay as their producers compressed them.
    package var recordCompression: RecordCompression? {
        switch compression {
        case .producer: nil
        case .uncompressed: RecordCompression(.none)
        case .gzip: RecordCompression(.gzip, level: gzipLevel)
        case .snappy: RecordCompression(.snappy)
        case .lz4: RecordCompression(.lz4, level: lz4Level)
        case .zstd: RecordCompression(.zstd, level: zstdLevel)
        }
    }

    /// Whether a producer's timestamps can be refused.
    var limitsTimestamps: Bool {
        timestampType == .createTime && min(timestampBeforeMilliseconds, timestampAfterMilliseconds) < .max
    }

    /// The two flush settings in one: how an ingestor is configured.
    package var flushPolicy: FlushPolicy {
        get {
            if flushMessages == 1 { return .always }
            return flushMilliseconds < .max ? .interval(milliseconds: flushMilliseconds) : .os
        }
        set {
            (flushMessages, flushMilliseconds) = (.max, .max)
            switch newValue {
            case .os: break
            case .interval(let milliseconds): flushMilliseconds = milliseconds
            case .always: flushMessages = 1
            }
        }
    }
}

/// `compression.type`: how a topic keeps its batches.
package enum TopicCompression: String, CaseIterable, Sendable {
    /// As their producers compressed them.
    case producer
    case uncompressed, gzip, snappy, lz4, zstd
}

/// What becomes of old records.
package enum CleanupPolicy: String, Hashable, Sendable {
    /// Whole segments are deleted, by `retention.ms` and `retention.bytes`.
    case delete
    /// A record is removed when a later one has its key.
    case compact
}

/// When appended batches are forced to the device. See `docs/decisions/` for what each can lose.
package enum FlushPolicy: Hashable, Sendable, CustomStringConvertible {
    /// When the operating system writes them. The end of the process, even by `SIGKILL`, loses nothing; a power cut may
    /// lose what was acknowledged in the last seconds. Kafka's default.
    case os
    /// By the first call of ``PartitionLog/maintain(now:hold:)`` that comes at least this many milliseconds after
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
