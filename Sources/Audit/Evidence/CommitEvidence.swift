package import CommitLedger
import ConnectAPI
package import KafkaTopics

/// What the commit records of a partition say, as of its newest one.
package struct CommitEvidence: Hashable, Sendable {
    /// One commit record: which offsets it explains, and what became of them.
    package struct Commit: Hashable, Sendable {
        package var sequence: Int64
        package var offsets: Range<Int64>
        package var counts: CommitCounts
        /// The places of its files in `files`.
        package var files: Range<Int>
        /// Whether an earlier format wrote it, whose converter took more white space out of values than today's.
        package var isOldFormat = false

        package init(sequence: Int64, offsets: Range<Int64>, counts: CommitCounts, files: Range<Int>) {
            self.sequence = sequence
            self.offsets = offsets
            self.counts = counts
            self.files = files
        }
    }

    /// Offsets without a record in any file, and when that was committed.
    package struct Gap: Hashable, Sendable {
        package var offsets: Range<Int64>
        /// Milliseconds since 1970.
        package var time: Int64

        package init(_ offsets: Range<Int64>, time: Int64) {
            self.offsets = offsets
            self.time = time
        }
    }

    /// The sequence number of the newest record.
    package var sequence: Int64
    /// The sequence number of the last takeover: the epoch of whoever writes now.
    package var epoch: Int64
    /// The offset behind the last one that is explained; `nil` where nothing was ever filed.
    package var next: Int64?
    /// Since the beginning.
    package var filed: Int64 = 0
    package var bytes: Int64 = 0
    package var filtered: Int64 = 0
    package var deadLettered: Int64 = 0
    package var absent: Int64 = 0
    package var lost: Int64 = 0
    package var skipped: Int64 = 0
    /// Which log of the partition these counts are of: one more after each decision of a person that it was replaced.
    package var lineage: Int64 = 1
    /// What earlier lineages filed.
    package var earlier = CommitCounts()
    /// How many offsets earlier lineages explain that the log of today gave again, or lost.
    package var replaced: Int64 = 0
    /// Where earlier lineages began.
    package var beginnings: [Int64: Int64] = [:]
    /// The id of the topic that the offsets belong to; `nil` where it is not known.
    package var topicID: String?
    /// The last record that is explained, as Kafka held it; `nil` where it is not known.
    package var fingerprint: RecordFingerprint?
    /// Offsets that have no record, as far as records list them.
    package var absentOffsets: [Range<Int64>] = []
    /// Offsets that a person decided to step over.
    package var skippedOffsets: [Gap] = []
    /// Which offsets are known to be lost; older ones are only counted.
    package var lostOffsets: [Gap] = []
    /// The files that records name. Records are pruned, so older files may be missing here.
    package var files: [FileExpectation] = []
    /// The commits that are known, in order.
    package var commitRecords: [Commit] = []
    /// From this offset on every file is in `files`.
    package var knownFrom: Int64 = 0
    /// Whether every record since the first is known, and so every file of earlier lineages.
    package var isWhole = false
    /// When the partition's place moved last, in milliseconds since 1970; `nil` where it never did.
    package var movedAt: Int64?
    /// When the newest writer first took the partition over since then; `nil` where nobody did.
    package var takenOverAt: Int64?
    /// The process of that writer.
    var takenOverBy: String?
    /// The `next` of the record that was read last.
    var place: Int64?
    /// What is wrong with the records themselves.
    package var troubles: [AuditTrouble] = []

    package init(sequence: Int64, epoch: Int64, next: Int64?) {
        self.sequence = sequence
        self.epoch = epoch
        self.next = next
    }

    /// The sequence number of the newest record that has files; only its files may still wait for their names.
    package var lastFiling: Int64 { files.map(\.sequence).max() ?? 0 }

    /// The first offset that is explained: where the connector began.
    package var beginning: Int64 {
        (next ?? 0) - (filed + filtered + deadLettered + absent + lost + skipped)
    }
}
