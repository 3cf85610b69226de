package import KafkaTopics

/// The name of a file of records: `<topic><d><partition><d><first><d><last>.<extension>`, in a later lineage
/// `….l<n>.<extension>`.
///
/// The sink gives files such names, and everything that reads the raw zone takes them apart by the same rule.
package struct FinalName: Hashable, Sendable {
    /// Every delimiter that `file.delim` may have; Confluent's sinks write `+` by default.
    package static let delimiters = ["+", "_", "-", "~"]

    package let partition: TopicPartition
    /// The first offset that the file explains.
    package let first: Int64
    /// The last offset that the file explains, inclusive.
    package let last: Int64
    /// Which log of the partition the offsets belong to.
    package let lineage: Int64
    /// The extension of the file's format, without the dot in front; empty where there is none.
    package let fileExtension: String

    /// How many offsets the name explains. Some of them may have no record in the file: tombstones are filtered.
    package var offsetCount: Int64 { last - first + 1 }

    init(partition: TopicPartition, first: Int64, last: Int64, lineage: Int64, fileExtension: String) {
        self.partition = partition
        self.first = first
        self.last = last
        self.lineage = lineage
        self.fileExtension = fileExtension
    }

    /// Takes the name of a file in the directory of `topic` apart; `nil` if it is not such a name.
    ///
    /// Files of Confluent's sinks count, whatever their delimiter and extension (`.avro`, `.parquet`, `.json.gz`). A name
    /// with a number beyond 64 bits says nothing, because that is not an offset.
    package init?(_ name: String, of topic: String) {
        guard name.utf8.starts(with: topic.utf8) else { return nil }
        let rest = name.utf8.dropFirst(topic.utf8.count)
        let stem = rest.prefix { $0 != UInt8(ascii: ".") }
        guard let delimiter = stem.first, Self.delimiters.contains(where: { $0.utf8.elementsEqual([delimiter]) })
        else { return nil }
        let numbers = stem.dropFirst().split(separator: delimiter, omittingEmptySubsequences: false).map(Self.number)
        guard numbers.count == 3, let partition = numbers[0].flatMap(Int32.init(exactly:)), let first = numbers[1],
            let last = numbers[2], first <= last, last < .max
        else { return nil }
        var extensions = rest.dropFirst(stem.count).split(separator: UInt8(ascii: "."))[...]
        var lineage = CommitRecord.firstLineage
        if extensions.count > 1, let mark = extensions.first, mark.first == UInt8(ascii: "l"),
            let number = Self.number(mark.dropFirst()), number > lineage
        {
            lineage = number
            extensions = extensions.dropFirst()
        }
        self.init(
            partition: TopicPartition(topic: topic, partition: partition),
            first: first,
            last: last,
            lineage: lineage,
            fileExtension: extensions.map { String(Substring($0)) }.joined(separator: ".")
        )
    }

    /// A number without sign or space.
    private static func number(_ digits: Substring.UTF8View) -> Int64? {
        let range = UInt8(ascii: "0")...UInt8(ascii: "9")
        return digits.allSatisfy(range.contains) ? Int64(Substring(digits)) : nil
    }

    /// The name itself. Files of different lineages never share one, and every reader that takes `*.<extension>` finds
    /// all of them.
    func text(delimiter: String, offsetDigits: Int) -> String {
        let numbers = [
            String(partition.partition), CommitLayout.padded(first, offsetDigits),
            CommitLayout.padded(last, offsetDigits),
        ]
        let mark = lineage == CommitRecord.firstLineage ? "" : ".l\(lineage)"
        return ([partition.topic] + numbers).joined(separator: delimiter) + mark + "." + fileExtension
    }
}
