package import KafkaTopics

/// How many offsets became what, and how many bytes were filed: of one commit, or of all since the beginning.
@dynamicMemberLookup
package struct CommitCounts: Hashable, Sendable {
    /// Records that were filed.
    package var rows: Int64
    /// Bytes of those files.
    package var bytes: Int64
    /// Offsets that have no record in a file, by reason.
    package var unfiled: SkippedCounts
    /// Offsets that an operator decided to skip.
    package var skipped: Int64

    package init(rows: Int64 = 0, bytes: Int64 = 0, unfiled: SkippedCounts = SkippedCounts(), skipped: Int64 = 0) {
        self.rows = rows
        self.bytes = bytes
        self.unfiled = unfiled
        self.skipped = skipped
    }

    /// One of the counts of ``unfiled``.
    package subscript(dynamicMember reason: WritableKeyPath<SkippedCounts, Int64>) -> Int64 {
        get { unfiled[keyPath: reason] }
        set { unfiled[keyPath: reason] = newValue }
    }

    /// How many offsets these counts explain.
    package var offsets: Int64 { rows + unfiled.total + skipped }

    package static func += (left: inout CommitCounts, right: CommitCounts) {
        left.rows += right.rows
        left.bytes += right.bytes
        left.unfiled += right.unfiled
        left.skipped += right.skipped
    }

    package static func + (left: CommitCounts, right: CommitCounts) -> CommitCounts {
        var sum = left
        sum += right
        return sum
    }
}

extension CommitCounts: Codable {
    private enum CodingKeys: String, CodingKey {
        case rows, bytes, skipped
    }

    /// The counts of ``unfiled`` stand beside the others. Version 1 of commit records does not count what is skipped.
    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            rows: try fields.decode(Int64.self, forKey: .rows),
            bytes: try fields.decode(Int64.self, forKey: .bytes),
            unfiled: try SkippedCounts(from: decoder),
            skipped: try fields.decodeIfPresent(Int64.self, forKey: .skipped) ?? 0
        )
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(rows, forKey: .rows)
        try fields.encode(bytes, forKey: .bytes)
        try unfiled.encode(to: encoder)
        try fields.encode(skipped, forKey: .skipped)
    }
}
