/// Where the offsets of one partition are:
///
///     produced = before + filed + filtered + deadLettered + absent + lost + skipped + inFlight
///
/// After a topic was made again, or its log lost its end, the counts are those of the log of today: its lineage.
package struct PartitionReport: Hashable, Sendable, Codable {
    package var topic: String
    package var partition: Int32
    /// The offset that the next record will get: as many offsets were given.
    package var produced: Int64
    /// Offsets before the place where the connector began.
    package var before: Int64
    /// Records that the commit records say are lines of files.
    package var filed: Int64
    /// Records that a transform dropped on purpose: tombstones.
    package var filtered: Int64
    /// Records that were set aside in the dead letter queue.
    package var deadLettered: Int64
    /// Offsets at which Kafka holds no record: marks of transactions, compacted records.
    package var absent: Int64
    /// Records that retention removed before they were filed.
    package var lost: Int64
    /// Records in the topic that are not filed yet.
    package var inFlight: Int64
    /// Files of the raw zone.
    package var files: Int
    /// Lines of these files.
    package var lines: Int64
    /// Whether all of it holds.
    package var holds: Bool
    /// How many lines were compared with the records that the topic still holds, byte for byte. What lies between this
    /// and `filed` was only counted, or held against the checksums of commit records.
    package var compared: Int64 = 0
    /// Since when the first record in flight waits, in milliseconds since 1970; `nil`: nothing is in flight, or its
    /// timestamp does not tell.
    package var inFlightSinceMilliseconds: Int64?
    /// Whether the dead letter queue could be held against `deadLettered`.
    package var deadLettersJudged = true
    /// Files that nothing is known about: they were filed before the connector began, or without commit records.
    package var uncheckedFiles = 0
    /// Offsets that an operator skipped.
    package var skipped: Int64 = 0
    /// Which log of the partition it is: one more after each `hera repair accept` and `hera reset`.
    package var lineage: Int64 = 1
    /// Records of earlier lineages that are lines of files.
    package var filedEarlier: Int64 = 0
    /// Offsets that earlier lineages explain and that the log of today gave again, or lost.
    package var replaced: Int64 = 0
    /// How many of the offsets in `before` were given up with `hera reset`, and their files with them.
    package var emptied: Int64 = 0
    /// When, in milliseconds since 1970; `nil` where they were not, or the commit record that tells is gone.
    package var emptiedAtMilliseconds: Int64?

    package init(
        topic: String,
        partition: Int32,
        produced: Int64,
        before: Int64,
        filed: Int64,
        filtered: Int64,
        deadLettered: Int64,
        absent: Int64,
        lost: Int64,
        inFlight: Int64,
        files: Int,
        lines: Int64,
        holds: Bool
    ) {
        self.topic = topic
        self.partition = partition
        self.produced = produced
        self.before = before
        self.filed = filed
        self.filtered = filtered
        self.deadLettered = deadLettered
        self.absent = absent
        self.lost = lost
        self.inFlight = inFlight
        self.files = files
        self.lines = lines
        self.holds = holds
    }

    /// The offsets that are explained; equal to `produced` where the equation holds.
    package var explained: Int64 { before + filed + filtered + deadLettered + absent + lost + skipped + inFlight }
}
