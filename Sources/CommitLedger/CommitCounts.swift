/// How many offsets became what, and how many bytes were filed: of one commit, or of all since the beginning.
package struct CommitCounts: Hashable, Sendable {
    /// Records that were filed.
    package var rows: Int64 = 0
    /// Bytes of those files.
    package var bytes: Int64 = 0
    /// Records that a transform dropped on purpose, and records without a value.
    package var filtered: Int64 = 0
    /// Records that could not be converted and were sent to the dead letter queue.
    package var deadLettered: Int64 = 0
    /// Offsets at which Kafka holds no record: transaction markers, compacted records, the gap after a power cut.
    package var absent: Int64 = 0
    /// Records that retention removed before they were read.
    package var lost: Int64 = 0
    /// Offsets that an operator decided to skip.
    package var skipped: Int64 = 0

    package init(
        rows: Int64 = 0,
        bytes: Int64 = 0,
        filtered: Int64 = 0,
        deadLettered: Int64 = 0,
        absent: Int64 = 0,
        lost: Int64 = 0,
        skipped: Int64 = 0
    ) {
        self.rows = rows
        self.bytes = bytes
        self.filtered = filtered
        self.deadLettered = deadLettered
        self.absent = absent
        self.lost = lost
        self.skipped = skipped
    }

    /// How many offsets these counts explain.
    package var offsets: Int64 { rows + filtered + deadLettered + absent + lost + skipped }

    package static func + (left: CommitCounts, right: CommitCounts) -> CommitCounts {
        CommitCounts(
            rows: left.rows + right.rows,
            bytes: left.bytes + right.bytes,
            filtered: left.filtered + right.filtered,
            deadLettered: left.deadLettered + right.deadLettered,
            absent: left.absent + right.absent,
            lost: left.lost + right.lost,
            skipped: left.skipped + right.skipped
        )
    }

    package static func += (left: inout CommitCounts, right: CommitCounts) { left = left + right }
}

extension CommitCounts: Codable {
    private enum CodingKeys: String, CodingKey {
        case rows, bytes, filtered, deadLettered, absent, lost, skipped
    }

    /// Version 1 of commit records does not count what is skipped.
    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        rows = try fields.decode(Int64.self, forKey: .rows)
        bytes = try fields.decode(Int64.self, forKey: .bytes)
        filtered = try fields.decode(Int64.self, forKey: .filtered)
        deadLettered = try fields.decode(Int64.self, forKey: .deadLettered)
        absent = try fields.decode(Int64.self, forKey: .absent)
        lost = try fields.decode(Int64.self, forKey: .lost)
        skipped = try fields.decodeIfPresent(Int64.self, forKey: .skipped) ?? 0
    }
}
