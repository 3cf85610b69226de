package import KafkaTopics

/// What a writer wants to commit: files that are closed and whole, and the offsets that they explain.
package struct CommitProposal: Hashable, Sendable {
    /// The first offset that is explained: the end of the previous commit, if one is known.
    package var first: Int64
    /// The offset after the last one that is explained.
    package var next: Int64
    package var files: [CommitRecord.File]
    package var lost: [CommitRecord.Offsets]
    package var absent: [CommitRecord.Offsets]
    package var counts: CommitCounts
    /// The last record before `next`; `nil` if these offsets hold none, and the previous fingerprint stays.
    package var fingerprint: RecordFingerprint?
    /// Which topic of this name it is, if the broker tells.
    package var topicID: String?
    /// The wall clock, in milliseconds since 1970.
    package var time: Int64

    package init(
        first: Int64,
        next: Int64,
        files: [CommitRecord.File],
        lost: [CommitRecord.Offsets] = [],
        absent: [CommitRecord.Offsets] = [],
        counts: CommitCounts,
        fingerprint: RecordFingerprint? = nil,
        topicID: String? = nil,
        time: Int64
    ) {
        self.first = first
        self.next = next
        self.files = files
        self.lost = lost
        self.absent = absent
        self.counts = counts
        self.fingerprint = fingerprint
        self.topicID = topicID
        self.time = time
    }
}

/// What an operator decided for a partition; the writer that carries it out has taken the partition over.
package enum RepairProposal: Hashable, Sendable {
    /// The log was replaced or lost its end: a new lineage begins at `next` of the log that is there now.
    case reset(next: Int64, fingerprint: RecordFingerprint?, topicID: String?, reason: String, time: Int64)
    /// The offsets from `first` up to `next` are skipped. `first` is the place of the partition, if one is known.
    case skip(first: Int64, next: Int64, reason: String, time: Int64)
}
