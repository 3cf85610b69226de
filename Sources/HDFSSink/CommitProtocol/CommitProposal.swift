/// What a writer wants to commit: files that are closed and whole, and the offsets that they explain.
package struct CommitProposal: Hashable, Sendable {
    /// The first offset that is explained: the place where the commit before ended, if one is known.
    package var first: Int64
    /// The offset behind the last one that is explained.
    package var next: Int64
    package var files: [CommitRecord.File]
    package var lost: [CommitRecord.Offsets]
    package var counts: CommitCounts
    /// The wall clock, in milliseconds since 1970.
    package var time: Int64

    package init(
        first: Int64,
        next: Int64,
        files: [CommitRecord.File],
        lost: [CommitRecord.Offsets] = [],
        counts: CommitCounts,
        time: Int64
    ) {
        self.first = first
        self.next = next
        self.files = files
        self.lost = lost
        self.counts = counts
        self.time = time
    }
}
