/// How the log of a partition is kept. Names and defaults are Kafka's, but for the smaller segment.
///
/// A topic's overrides come as texts under Kafka's names: see ``applying(_:)``.
package struct LogConfiguration: Hashable, Sendable {
    /// `segment.bytes`: a segment is sealed before it would grow beyond this. 256 MiB and not Kafka's GiB: after a
    /// crash the last segment is read through, and retention gives back space one segment at a time.
    package var segmentBytes = 256 << 20
    /// `segment.ms`: a segment is sealed when its first batch was appended so long ago.
    package var segmentMilliseconds: Int64 = 7 * 86_400_000
    /// `retention.ms`: segments whose newest record is older are deleted; `nil` keeps them.
    package var retentionMilliseconds: Int64? = 7 * 86_400_000
    /// `retention.bytes`: the oldest segments are deleted while the rest has at least so many bytes; `nil` keeps them.
    package var retentionBytes: Int?
    /// `index.interval.bytes`: how far apart in the log the entries of an index are.
    package var indexIntervalBytes = 4096
    /// `max.message.bytes`: the largest batch that is taken.
    package var messageBytesMax = 1_048_588
    /// `producer.id.expiration.ms`: a producer that was silent for so long is forgotten, its duplicates with it.
    package var producerExpirationMilliseconds: Int64 = 86_400_000
    /// `flush.messages` and `flush.ms`: when batches are forced to the device.
    package var flushPolicy = FlushPolicy.os

    package init() {}
}
