package import Checksums
package import ConnectAPI
import KafkaTopics

/// What a topic holds at the offsets that the commits of one partition explain, batch by batch. Pure.
///
/// Records are counted for each commit, and summed up for each span: the offsets of one file, or of several files whose
/// offsets interleave because their records lie in different directories. Of a single file the sum is the checksum that
/// the file itself has. Lines of interleaving files have a sum that does not depend on their order.
package struct TopicDigest: Sendable {
    /// The records of a span, as the lines that they are.
    package struct Span: Sendable {
        package let offsets: ClosedRange<Int64>
        /// The places of its files in the evidence.
        package let files: [Int]
        package fileprivate(set) var rows: Int64 = 0
        package fileprivate(set) var bytes: Int64 = 0
        /// Of the lines in order; for a single file.
        package fileprivate(set) var checksum = CRC32C()
        /// Of the lines in any order; for several files.
        package fileprivate(set) var sum = LineSum()
        /// How many offsets have a record.
        package fileprivate(set) var records: Int64 = 0
        /// Whether the converter may have taken line breaks out of values.
        package fileprivate(set) var wasShortened = false

        init(offsets: ClosedRange<Int64>, files: [Int]) {
            self.offsets = offsets
            self.files = files
        }
    }

    /// The outcome of the records of one commit with today's converter and transforms.
    package struct Unit: Sendable {
        package let commit: CommitEvidence.Commit
        /// The places of its spans.
        package let spans: Range<Int>
        package fileprivate(set) var rows: Int64 = 0
        package fileprivate(set) var filtered: Int64 = 0
        package fileprivate(set) var deadLettered: Int64 = 0
        /// How many offsets have a record.
        package var records: Int64 { rows + filtered + deadLettered }
    }

    package private(set) var units: [Unit] = []
    package private(set) var spans: [Span] = []
    /// The unit in which the last batch ended: records come in order.
    private var unit = 0
    private var span = 0

    /// Of the commits of `evidence` whose offsets all lie in `offsets`.
    package init(_ evidence: CommitEvidence, within offsets: Range<Int64>) {
        for commit in evidence.commitRecords
        where !commit.offsets.isEmpty && offsets.lowerBound <= commit.offsets.lowerBound
            && commit.offsets.upperBound <= offsets.upperBound
            && commit.offsets.lowerBound >= units.last?.commit.offsets.upperBound ?? .min
        {
            let own = Self.spans(of: commit, evidence.files)
            units.append(Unit(commit: commit, spans: spans.count..<spans.count + own.count))
            spans += own
        }
    }

    /// The files of a commit whose offsets interleave, together.
    fileprivate static func spans(of commit: CommitEvidence.Commit, _ files: [FileExpectation]) -> [Span] {
        var spans: [Span] = []
        for place in commit.files.sorted(by: { files[$0].first < files[$1].first }) {
            let own = files[place].first...files[place].last
            if let last = spans.last, last.offsets.overlaps(own) {
                let joined = last.offsets.lowerBound...max(last.offsets.upperBound, own.upperBound)
                spans[spans.count - 1] = Span(offsets: joined, files: last.files + [place])
            } else {
                spans.append(Span(offsets: own, files: [place]))
            }
        }
        return spans
    }

    /// Takes a batch that was converted; batches come in the order of their offsets.
    ///
    /// - Parameter wasShortened: whether the converter took bytes out of values.
    package mutating func take(_ records: SinkRecords, wasShortened: Bool) {
        while unit < units.count, units[unit].commit.offsets.upperBound <= records.firstOffset { unit += 1 }
        var index = 0
        var place = unit
        while place < units.count, units[place].commit.offsets.lowerBound < records.nextOffset {
            let offsets = units[place].commit.offsets
            index = Self.index(in: records.offsets, from: index, at: offsets.lowerBound)
            let end = Self.index(in: records.offsets, from: index, at: offsets.upperBound)
            let rows = Self.rows(records, index..<end)
            let skipped = records.skippedCounts(in: offsets)
            units[place].rows += rows
            units[place].filtered += skipped.filtered + Int64(end - index) - rows
            units[place].deadLettered += skipped.deadLettered
            index = end
            place += 1
        }
        takeLines(records, wasShortened)
    }

    private mutating func takeLines(_ records: SinkRecords, _ wasShortened: Bool) {
        while span < spans.count, spans[span].offsets.upperBound < records.firstOffset { span += 1 }
        var index = 0
        var place = span
        while place < spans.count, spans[place].offsets.lowerBound < records.nextOffset {
            let offsets = spans[place].offsets.lowerBound..<spans[place].offsets.upperBound + 1
            index = Self.index(in: records.offsets, from: index, at: offsets.lowerBound)
            let end = Self.index(in: records.offsets, from: index, at: offsets.upperBound)
            let skipped = records.skippedCounts(in: offsets)
            spans[place].records += Int64(end - index) + skipped.filtered + skipped.deadLettered
            spans[place].wasShortened = spans[place].wasShortened || wasShortened
            spans[place].rows += Self.rows(records, index..<end)
            if spans[place].files.count == 1 {
                records.forEachRunOfLines(in: index..<end) { lines in
                    spans[place].checksum.update(lines)
                    spans[place].bytes += Int64(lines.count)
                }
            } else {
                records.values.withUnsafeBytes { values in
                    for range in records.valueRanges[index..<end].lazy.compactMap(\.range) {
                        spans[place].sum.add(UnsafeRawBufferPointer(rebasing: values[range]))
                        spans[place].bytes += Int64(range.count + 1)
                    }
                }
            }
            index = end
            place += 1
        }
    }

    /// How many of the records have a value, and so a line.
    private static func rows(_ records: SinkRecords, _ indexes: Range<Int>) -> Int64 {
        records.valueRanges[indexes].reduce(0) { $0 + ($1.isNull ? 0 : 1) }
    }

    /// The place of the first of the rising `offsets` that is `offset` or more, by halving.
    private static func index(in offsets: [Int64], from start: Int, at offset: Int64) -> Int {
        var low = start
        var high = offsets.count
        while low < high {
            let middle = (low + high) / 2
            if offsets[middle] < offset { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension CommitEvidence {
    /// The names, final and temporary, of files whose offsets interleave with those of others.
    var interleavedPaths: Set<String> {
        let spans = commitRecords.filter { $0.files.count > 1 }.flatMap { TopicDigest.spans(of: $0, files) }
        let places = spans.filter { $0.files.count > 1 }.flatMap(\.files)
        return Set(places.flatMap { [files[$0].path, files[$0].temporary] })
    }
}

/// A sum of lines that does not depend on their order. It holds within this process only.
package struct LineSum: Hashable, Sendable {
    private var value: UInt64 = 0

    package init() {}

    /// Adds a line without its line feed.
    package mutating func add(_ line: UnsafeRawBufferPointer) {
        var hasher = Hasher()
        hasher.combine(bytes: line)
        value &+= UInt64(bitPattern: Int64(hasher.finalize()))
    }

    package static func += (left: inout LineSum, right: LineSum) { left.value &+= right.value }
}
