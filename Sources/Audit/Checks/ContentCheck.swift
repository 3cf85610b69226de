import Checksums
import CommitLedger
import KafkaTopics

/// Files whose lines are not the records that the topic holds at their offsets, before it is known where they differ.
package struct Suspect: Hashable, Sendable {
    /// The files: several where their offsets interleave.
    package var files: [FileExpectation]
    /// Where each of them lies: under its final or its temporary name.
    package var paths: [String]
    package var offsets: ClosedRange<Int64>
    /// How many lines were filed.
    package var rows: Int64
    /// At how many of the offsets the topic no longer holds a record, though one was filed there.
    package var holes: Int64
    /// Whether an earlier format may have written other white space.
    package var isTolerated: Bool
}

/// Whether what was filed is what the topic holds. Pure.
struct ContentCheck {
    /// Files that differ from the topic, before it is known where.
    private(set) var suspects: [Suspect] = []
    /// How many lines of files equal the records of the topic.
    private(set) var compared: Int64 = 0

    init() {}

    init(_ evidence: PartitionEvidence, _ commits: CommitEvidence, _ findings: inout PartitionFindings) {
        guard let digest = evidence.content?.digest, let read = evidence.content?.read else { return }
        let scans = Dictionary(evidence.files.map { ($0.path, $0.scan) }) { first, _ in first }
        for unit in digest.units where unit.commit.offsets.upperBound <= read.upperBound {
            let found = suspects.count
            var rowsCompared: Int64 = 0
            for span in digest.spans[unit.spans] {
                let files = span.files.map { commits.files[$0] }
                let located = files.compactMap { file -> (path: String, scan: FileScan)? in
                    if let scan = scans[file.path] { return (file.path, scan) }
                    return evidence.pending[file.temporary].map { (file.temporary, $0) }
                }
                // A file that is missing is a trouble already.
                guard located.count == files.count else { continue }
                let rows = files.reduce(0) { $0 + $1.rows }
                if Self.isEqual(span, located.map(\.scan)) {
                    rowsCompared += rows
                    continue
                }
                let given = span.records + Self.explained(unit.commit, span)
                suspects.append(
                    Suspect(
                        files: files,
                        paths: located.map(\.path),
                        offsets: span.offsets,
                        rows: rows,
                        holes: max(0, Int64(span.offsets.count) - given),
                        isTolerated: unit.commit.isOldFormat && span.wasShortened
                    )
                )
            }
            compared += rowsCompared
            if found == suspects.count {
                Self.checkCounts(unit, deadLettersIncomplete: evidence.deadLettersIncomplete, &findings)
            }
        }
    }

    /// How many offsets of a span certainly have no record, as far as the commit can say: it counts, and does not list.
    private static func explained(_ commit: CommitEvidence.Commit, _ span: TopicDigest.Span) -> Int64 {
        min(commit.counts.absent + commit.counts.lost, Int64(span.offsets.count) - span.records)
    }

    private static func isEqual(_ span: TopicDigest.Span, _ scans: [FileScan]) -> Bool {
        let rows = scans.reduce(0) { $0 + $1.rows }
        let bytes = scans.reduce(0) { $0 + $1.bytes }
        guard rows == span.rows, bytes == span.bytes else { return false }
        if scans.count == 1 { return scans[0].checksum == span.checksum.digits }
        return scans.reduce(into: LineSum()) { $0 += $1.sum } == span.sum
    }

    /// Where all files of a commit are right, a record may still be in none of them.
    private static func checkCounts(
        _ unit: TopicDigest.Unit,
        deadLettersIncomplete: Bool,
        _ findings: inout PartitionFindings
    ) {
        let counts = unit.commit.counts
        let offsets = unit.commit.offsets.lowerBound...unit.commit.offsets.upperBound - 1
        let certain = counts.offsets - counts.absent - counts.lost
        if unit.records > certain {
            findings.add(
                .recordsDiffer,
                offsets: offsets,
                what: "commit record \(unit.commit.sequence) found \(certain) records at these offsets, and the topic "
                    + "holds \(unit.records)",
                advice: replacedAdvice
            )
        } else if unit.rows > counts.rows, !(unit.commit.isOldFormat && deadLettersIncomplete) {
            findings.add(
                .recordsDiffer,
                offsets: offsets,
                what: "\(unit.rows) records at these offsets have a value, and commit record \(unit.commit.sequence) "
                    + "filed \(counts.rows)",
                advice: replacedAdvice
            )
        }
    }

    static let replacedAdvice =
        "the topic was deleted and made again, or its log lost its end; `hera repair list` shows how to file what the topic "
        + "holds now"

    /// Decides on a suspect, once its lines were compared with the topic's records one by one.
    ///
    /// - Parameter differences: one for each file, in order; `nil` where they were not compared.
    mutating func resolve(
        _ suspect: Suspect,
        _ differences: [LineDifference]?,
        _ findings: inout PartitionFindings
    ) {
        guard let differences else {
            if suspect.holes == 0, !suspect.isTolerated { Self.report(suspect, &findings) }
            return
        }
        let strange = differences.reduce(0) { $0 + Int64($1.strange.count) }
        let missing = differences.contains { !$0.missing.isEmpty }
        if !missing, strange <= suspect.holes {
            // What the topic still holds was filed as it is.
            compared += suspect.rows - strange
            return
        }
        let wrong = zip(suspect.paths, differences).filter { !$0.1.strange.isEmpty }
        for (path, difference) in wrong.isEmpty ? Array(zip(suspect.paths, differences).prefix(1)) : wrong {
            if !findings.locate(path, by: difference) { Self.report(suspect, &findings, path, difference) }
        }
    }

    private static func report(
        _ suspect: Suspect,
        _ findings: inout PartitionFindings,
        _ path: String? = nil,
        _ difference: LineDifference? = nil
    ) {
        // A file that was changed after it was filed is a trouble already.
        guard !findings.hasTroubleOfLines(in: suspect.paths) else { return }
        let place = path ?? suspect.paths.first
        let several = suspect.paths.count > 1 && path == nil
        findings.add(
            .recordsDiffer,
            path: place,
            offsets: suspect.offsets,
            what: several
                ? "this file and \(suspect.paths.count - 1) more hold other lines than the topic at these offsets"
                : "the file holds other lines than the topic at these offsets, though it is as it was filed",
            advice: replacedAdvice
        )
        if let place, let difference { _ = findings.locate(place, by: difference) }
    }

    /// Files that differ beyond those that are compared line by line.
    func summarize(_ rest: [Suspect], _ findings: inout PartitionFindings) {
        let certain = rest.filter { $0.holes == 0 && !$0.isTolerated }
        guard let first = certain.map(\.offsets.lowerBound).min(), let last = certain.map(\.offsets.upperBound).max()
        else { return }
        findings.add(
            .recordsDiffer,
            offsets: first...last,
            what: "\(certain.reduce(0) { $0 + $1.paths.count }) more files hold other lines than the topic at their "
                + "offsets",
            advice: Self.replacedAdvice
        )
    }
}
