/// One thing that does not hold, with its exact place.
package struct AuditTrouble: Hashable, Sendable, Codable {
    /// What kind of thing it is; the raw values are for scripts.
    package enum Kind: String, Hashable, Sendable, Codable {
        /// A file that a commit record names is not there.
        case fileMissing
        /// A file has fewer lines than were filed.
        case linesMissing
        /// A file has more lines than were filed.
        case linesAdded
        /// A file has as many lines as were filed, but not the same bytes.
        case linesChanged
        /// A file holds offsets that another file holds.
        case fileDuplicated
        /// No commit record explains a file.
        case fileUnexplained
        /// Something in the raw zone is not one of its files.
        case fileForeign
        /// A temporary file that will never be used.
        case temporaryFileLeft
        /// A file that `hera reset` gave up is still there.
        case fileLeft
        /// Commit records do not follow each other.
        case recordsBroken
        /// The dead letter queue does not hold what was set aside.
        case deadLettersDiffer
        /// The connector's consumer group has committed offsets that no commit record explains.
        case offsetsUnexplained
        /// Records were gone before they were filed.
        case recordsLost
        /// The topic holds other records than those that were filed.
        case recordsDiffer
        /// The log is not the one whose offsets were filed.
        case logReplaced
        /// A position stays the same while records follow it.
        case partitionStalled
        /// The connector says that it cannot go on with a partition.
        case partitionFailed
        /// The connector says that it cannot go on at all.
        case connectorFailed
        /// Kafka does not have a partition whose records were filed.
        case topicMissing
        /// More was filed than was ever produced.
        case offsetsBeyondEnd
        /// The topic does not hold what the source knows to be acknowledged.
        case recordsNotProduced
        /// The counts of a topic are not what the source knows.
        case countsDiffer
        /// The lines of a partition's files are not those that the source sent.
        case linesDiffer
        /// The sums of a user or an hour are not what the source knows.
        case sumsDiffer

        /// Whether a file is not as it was filed.
        var isOfLines: Bool { [.linesMissing, .linesAdded, .linesChanged, .recordsDiffer].contains(self) }
    }

    package var kind: Kind
    package var topic: String?
    package var partition: Int32?
    /// The file concerned, below the storage's root.
    package var path: String?
    /// The first offset concerned.
    package var firstOffset: Int64?
    /// The last offset concerned, itself included.
    package var lastOffset: Int64?
    /// The user concerned.
    package var user: String?
    /// Since when, in milliseconds since 1970, where that is known.
    package var sinceMilliseconds: Int64?
    /// What is wrong.
    package var what: String
    /// What to do next.
    package var advice: String

    package init(
        _ kind: Kind,
        topic: String? = nil,
        partition: Int32? = nil,
        path: String? = nil,
        offsets: ClosedRange<Int64>? = nil,
        user: String? = nil,
        what: String,
        advice: String
    ) {
        self.kind = kind
        self.topic = topic
        self.partition = partition
        self.path = path
        firstOffset = offsets?.lowerBound
        lastOffset = offsets?.upperBound
        self.user = user
        self.what = what
        self.advice = advice
    }
}
