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
    /// `hera reset`: a new lineage begins at `next`.
    case empty(Emptying)
    /// The offsets from `first` up to `next` are skipped. `first` is the place of the partition, if one is known.
    case skip(first: Int64, next: Int64, reason: String, time: Int64)
}

/// What `hera reset` decides about a partition.
package struct Emptying: Hashable, Sendable {
    /// Where filing goes on.
    package var next: Int64
    /// The last record before `next`, where the log keeps it.
    package var fingerprint: RecordFingerprint?
    /// Which topic of this name it is, if the broker tells.
    package var topicID: String?
    /// Offsets before `next` that are given up unfiled.
    package var unfiled: CommitRecord.Offsets?
    /// Whether the files of all earlier lineages are given up: they may be deleted once the record is placed.
    package var clearsFiles: Bool
    /// In words, for the record.
    package var reason: String
    /// The wall clock, in milliseconds since 1970.
    package var time: Int64

    package init(
        next: Int64,
        fingerprint: RecordFingerprint? = nil,
        topicID: String?,
        unfiled: CommitRecord.Offsets? = nil,
        clearsFiles: Bool,
        reason: String,
        time: Int64
    ) {
        self.next = next
        self.fingerprint = fingerprint
        self.topicID = topicID
        self.unfiled = unfiled
        self.clearsFiles = clearsFiles
        self.reason = reason
        self.time = time
    }
}

extension CommitRecord {
    /// The record of what an operator decided, as the one behind `last`.
    init(deciding proposal: RepairProposal, after last: StoredRecord) {
        self = last.record
        version = Self.currentVersion
        sequence += 1
        previous = last.digest
        (files, lost, absent, skipped, missing) = ([], [], [], [], [])
        counts = CommitCounts()
        switch proposal {
        case .reset(let next, let fingerprint, let topicID, let reason, let time):
            beginLineage(at: next, topicID: topicID)
            (self.fingerprint, self.reason, self.time) = (fingerprint, reason, time)
        case .empty(let emptying):
            beginLineage(at: emptying.next, topicID: emptying.topicID)
            (fingerprint, reason, time) = (emptying.fingerprint, emptying.reason, emptying.time)
            emptied = lineage
            if let unfiled = emptying.unfiled {
                skipped = [unfiled]
                earlier += CommitCounts(skipped: unfiled.next - unfiled.first)
            }
            if emptying.clearsFiles { (cleared, earlier) = (lineage, CommitCounts()) }
        case .skip(let first, let next, let reason, let time):
            precondition(self.next == nil || self.next == first, "a skip begins where the partition stands")
            kind = .skip
            (self.first, self.next) = (first, next)
            counts = CommitCounts(skipped: next - first)
            totals += counts
            skipped = [Offsets(first: first, next: next)]
            // The last record before `next` was skipped, so there is nothing to compare with.
            fingerprint = nil
            (self.reason, self.time) = (reason, time)
        }
    }

    private mutating func beginLineage(at offset: Int64, topicID: String?) {
        kind = .reset
        lineage += 1
        (first, next) = (offset, offset)
        self.topicID = topicID
        earlier += totals
        totals = CommitCounts()
    }
}
