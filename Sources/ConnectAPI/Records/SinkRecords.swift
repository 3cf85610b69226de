package import KafkaTopics

/// A batch of consecutive offsets of one partition on its way to a sink, shaped for a million records a second.
///
/// Two arenas hold all bytes, and columns with one entry a record say where they lie:
///
///     values   {"id_utente": "HE_1", …}\n{"id_utente": "CO_2", …}\n … ┆ padding
///              ╰──── valueRanges[0] ──╯  ╰──── valueRanges[1] ──╯
///     keys     HE_1CO_2…
///
/// A line feed follows each value and is no part of it, so whoever writes lines hands whole stretches of the arena to
/// the file (`forEachRunOfLines`). Behind the last value lie `paddingBytes` bytes, which simdjson may read.
///
/// Records and skipped offsets together explain each offset from `firstOffset` up to `nextOffset` exactly once;
/// `explainsEveryOffset` says whether that is so.
package struct SinkRecords: Sendable {
    /// Bytes behind the last value that may be read without meaning: simdjson's padding.
    package static let paddingBytes = 64

    /// The most bytes that an arena holds: positions are 32 bits wide.
    package static let arenaBytesMax = Int(Int32.max)

    package let partition: TopicPartition

    /// The first offset that this batch explains.
    package let firstOffset: Int64

    /// The offset behind the last one that this batch explains: where the next batch begins.
    package let nextOffset: Int64

    /// The offset of each record, rising.
    package internal(set) var offsets: [Int64]

    /// The timestamp that Kafka holds for each record.
    package internal(set) var timestamps: [Timestamp]

    package internal(set) var keyRanges: [ByteRange]
    package internal(set) var valueRanges: [ByteRange]

    /// Headers of the records that have any, by the record's offset.
    package internal(set) var headers: [Int64: [RecordHeader]]

    /// The offsets without a record, rising.
    package internal(set) var skipped: [SkippedOffsets]

    package internal(set) var keys: [UInt8]
    package internal(set) var values: [UInt8]

    /// The records as they came, for their fingerprints.
    var received: Received

    /// How many records there are.
    package var count: Int { offsets.count }

    package var isEmpty: Bool { offsets.isEmpty }

    /// Whether records and skipped offsets are in order and cover the batch's offsets without gap or overlap.
    package var explainsEveryOffset: Bool {
        var next = firstOffset
        var skips = skipped[...]
        for offset in offsets {
            while let skip = skips.first, skip.offsets.lowerBound == next, !skip.offsets.isEmpty {
                next = skip.offsets.upperBound
                skips = skips.dropFirst()
            }
            guard offset == next else { return false }
            next += 1
        }
        for skip in skips {
            guard skip.offsets.lowerBound == next else { return false }
            next = skip.offsets.upperBound
        }
        return next == nextOffset
    }
}
