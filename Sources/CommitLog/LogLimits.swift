import KafkaProtocol

/// Limits of this module. Each bound has its name here.
package enum LogLimits {
    /// Bytes that the records of a batch may decompress to; as many as the topic takes uncompressed where those are
    /// more. Kilobytes can decompress to gigabytes, and consumers take all of it into memory. librdkafka, as it is set
    /// unless told otherwise, reads at least 33 MB of zstd (a third of its `receive.message.max.bytes`) and stands still
    /// at a batch of more.
    package static let decompressedBytesMax = 32_000_000
    /// The same where they can only be decompressed as a whole; see `RecordDecompressor`.
    package static let decompressedWholeBytesMax = 24 << 20
    /// The least that a segment is rolled at: room for one small batch. Tests use small segments.
    package static let segmentBytesMin = 64
    /// The most: positions in an index are unsigned 32-bit numbers, Kafka's `segment.bytes` is a signed one.
    package static let segmentBytesMax = Int(Int32.max)
    /// The upper limit of `max.message.bytes`; a segment takes any single batch.
    package static let messageBytesMax = Int(Int32.max) / 2
    /// Idempotent producers remembered for one partition; beyond it the least recently active are evicted.
    package static let producersMax = 100_000
    /// Batches remembered for each producer: the most that a client may have in flight (KIP-98).
    package static let producerBatchesMax = 5
    /// Bytes read at a time where headers are searched next to a position from an index.
    package static let lookupReadBytes = 4 << 10
    /// Entries of an index that are read together, once a search has so few left.
    package static let indexEntriesPerRead = 1_024
    /// Bytes read at a time where a segment is read through.
    package static let recoveryReadBytes = 1 << 20
    /// How much an active segment grows before a recovery point is noted in it. A crash costs reading about this much, or what
    /// came within ``recoveryPointMilliseconds``.
    package static let recoveryPointBytes = 16 << 20
    /// The same for each producer that the log remembers: all of them are written with a point.
    package static let recoveryPointBytesPerProducer = 512
    /// The least time between two recovery points of a log. The operating system has brought most of what is older to the
    /// device by itself, so that the flush is short.
    package static let recoveryPointMilliseconds: Int64 = 30_000
    /// Bytes read at a time where all headers of a segment are read: much of large batches is skipped, and small ones come
    /// many at a time.
    package static let headerReadBytes = 64 << 10
    /// Snapshots of producer state kept for one partition: the newest, and one before it should that be damaged.
    package static let producerSnapshotsKept = 2
    /// Offsets that are reserved ahead for a partition. A log that lost its end skips at most this many. At the greatest
    /// rate that one partition takes (6 million records/s) half of them last longer than two rounds of maintenance.
    package static let offsetsReserved: Int64 = 1 << 24
    /// Leader epochs that a partition remembers, each with the offset that it begins at.
    package static let leaderEpochsMax = 1_000
    /// How much greater than the last known one a leader epoch in a log may be where the record of it is lost.
    package static let leaderEpochsUnknownMax: Int32 = 100
    /// The greatest offset in the name of a file, so that sums of offsets do not overflow.
    package static let offsetMax = Int64.max / 2
    /// How often a damaged segment may be checksummed, in multiples of its size, to find where the damage ends.
    package static let searchFactor = 8
    /// Partitions of one topic.
    package static let partitionsPerTopicMax: Int32 = 10_000
    /// Topics of one root.
    package static let topicsMax = 10_000
    /// Logs that are made, opened or closed at a time: most of that is waiting for the device.
    package static let threads = 16
    /// Segments that stay open for appending or reading. A log beyond them opens its segment for each append and each read.
    package static let openSegmentsMax = 1_000
    /// How long an active segment stays open after it was appended to.
    package static let openSegmentMilliseconds: Int64 = 60_000
    /// How long the time while nothing ran counts for the age of records at most, after a reboot of the machine.
    package static let downtimeMillisecondsMax: Int64 = 3_600_000
    /// How often the log's clock is saved.
    package static let clockSaveMilliseconds: Int64 = 60_000
    /// Unreadable batches of one partition that are reported one by one.
    package static let damagedBatchesMax = 10_000

    /// Records of a refused batch that are named one by one.
    package static let refusedRecordsMax = 100
    /// Memory for the keys of one cleaning, taken while a log is cleaned, one log at a time. A log with more keys is cleaned
    /// in several passes.
    package static let cleaningMapBytes = 8 << 20
    /// Bytes of a cleaned segment that are forced to the device at a time.
    package static let cleaningFlushBytes = 8 << 20
    /// The most that a cleaned segment can have: positions in an index are unsigned 32-bit numbers.
    package static let cleanedBytesMax = Int(UInt32.max)
    /// Segments that become one at a time.
    package static let cleanedSegmentsMax = 1_000
    /// How often it is looked whether a log is to be cleaned.
    package static let cleaningCheckMilliseconds: Int64 = 1_000
    /// How long a log that could not be cleaned is left alone.
    package static let cleaningRetryMilliseconds: Int64 = 60_000

    /// The bounds for the batches of a topic that takes `messageBytesMax`.
    static func decompression(messageBytesMax: Int) -> RecordDecompressor.Bounds {
        RecordDecompressor.Bounds(
            bytesMax: max(decompressedBytesMax, messageBytesMax),
            wholeBytesMax: max(decompressedWholeBytesMax, messageBytesMax)
        )
    }
}
