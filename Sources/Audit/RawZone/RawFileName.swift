package import KafkaTopics

/// What the name of a file in the raw zone says: `<topic><d><partition><d><start><d><end>.json`, of a later
/// lineage `….l<n>.json`.
///
/// The audit reads names itself, apart from the sink that writes them. `d` is any of the delimiters of this sink and of
/// those it replaces (`_`, `+`, `-`, `~`), and the topic may hold it as well, so the name is read from its end.
package struct RawFileName: Hashable, Sendable {
    package let partition: TopicPartition
    /// The first offset that the file explains.
    package let first: Int64
    /// The last offset that the file explains, itself included.
    package let last: Int64
    /// Which log of the partition the offsets belong to.
    package let lineage: Int64

    /// How many offsets the name explains. Some of them may have no line: tombstones are filtered.
    package var offsetCount: Int64 { last - first + 1 }

    private static let delimiters: Set<Character> = ["_", "+", "-", "~"]
    private static let fileExtension = ".json"

    /// `nil` if `name` is not such a name.
    package init?(_ name: String) {
        guard name.hasSuffix(Self.fileExtension) else { return nil }
        var rest = name.dropLast(Self.fileExtension.count)
        lineage = Self.takeLineage(&rest)
        guard let last = Self.takeNumber(&rest), let first = Self.takeNumber(&rest),
            let number = Self.takeNumber(&rest), let partition = Int32(exactly: number), first <= last,
            TopicName.problem(with: String(rest)) == nil
        else { return nil }
        self.partition = TopicPartition(topic: String(rest), partition: partition)
        self.first = first
        self.last = last
    }

    /// Takes `.l<n>` off the end of `text`, where it is there.
    private static func takeLineage(_ text: inout Substring) -> Int64 {
        guard let mark = text.lastIndex(of: "."), text[mark...].hasPrefix(".l"),
            let number = Int64(text[mark...].dropFirst(2)), number > 1
        else { return 1 }
        text = text[..<mark]
        return number
    }

    /// Takes digits and the delimiter before them off the end of `text`.
    private static func takeNumber(_ text: inout Substring) -> Int64? {
        guard let delimiter = text.lastIndex(where: { delimiters.contains($0) }) else { return nil }
        let digits = text[text.index(after: delimiter)...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return nil
        }
        defer { text = text[..<delimiter] }
        return Int64(digits)
    }
}
