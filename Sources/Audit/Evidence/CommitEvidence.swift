/// What the commit records of a partition say, as of its newest one.
package struct CommitEvidence: Hashable, Sendable {
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
    /// Which offsets are known to be lost; older ones are only counted.
    package var lostOffsets: [Range<Int64>] = []
    /// The files that records name. Records are pruned, so older files may be missing here.
    package var files: [FileExpectation] = []
    /// From this offset on every file is in `files`.
    package var knownFrom: Int64 = 0
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
        (next ?? 0) - (filed + filtered + deadLettered + absent + lost)
    }
}
