import CommitLedger
import ConnectAPI
import KafkaTopics
import PlainText

/// Weighs the evidence of one partition: pure.
package struct PartitionCheck {
    /// What a partition is judged by.
    package struct Standards: Hashable, Sendable {
        /// The time, in milliseconds since 1970, of the same wall clock that wrote the times in records.
        package var now: Int64
        /// How long a position may stay the same while records follow it, in milliseconds.
        package var stallMilliseconds: Int64 = 600_000
        /// Whether a connector runs that files records; `nil` if that is unknown.
        package var isRunning: Bool?
        /// Whether the connector is the only one that ever filed these topics, from their first record on.
        package var filesEverything = false

        package init(now: Int64) {
            self.now = now
        }
    }

    package let evidence: PartitionEvidence
    private let standards: Standards
    private var findings: PartitionFindings
    private var content = ContentCheck()
    /// Files that cannot be judged.
    private var uncheckedFiles = 0
    /// What is not filed yet.
    private let inFlight: InFlight

    /// Weighs `evidence`.
    package init(_ evidence: PartitionEvidence, _ standards: Standards) {
        self.evidence = evidence
        self.standards = standards
        findings = PartitionFindings(evidence.partition, evidence.troubles + (evidence.commits?.troubles ?? []))
        inFlight = InFlight(evidence, now: standards.now)
        guard let commits = evidence.commits else {
            checkWithoutRecords()
            checkProgress()
            return
        }
        checkKnownFiles(commits)
        checkOtherFiles(commits)
        checkTotals(commits)
        checkDeadLetters(commits)
        checkTemporaries(commits)
        checkEnds(commits)
        if !checkReplaced(commits) { content = ContentCheck(evidence, commits, &findings) }
        checkProgress()
    }

    package var troubles: [AuditTrouble] { findings.troubles }
    package var notes: [AuditNote] { findings.notes }
    /// Files that differ from the topic, before it is known where.
    package var suspects: [Suspect] { content.suspects }

    /// Decides on a suspect, once its lines were compared with the topic's records one by one.
    ///
    /// - Parameter differences: one for each file, in order; `nil` where they were not compared.
    package mutating func resolve(_ suspect: Suspect, _ differences: [LineDifference]?) {
        content.resolve(suspect, differences, &findings)
    }

    /// Files that differ beyond those that are compared line by line.
    package mutating func summarize(_ rest: [Suspect]) { content.summarize(rest, &findings) }

    /// The partition's line of the report.
    package var report: PartitionReport {
        let commits = evidence.commits
        let next = commits?.next ?? evidence.earliest
        let unfiled = max(0, min(evidence.earliest, evidence.latest) - next)
        var report = PartitionReport(
            topic: evidence.partition.topic,
            partition: evidence.partition.partition,
            produced: evidence.latest,
            before: commits?.next == nil ? evidence.earliest : commits?.beginning ?? 0,
            filed: commits?.totals.rows ?? 0,
            filtered: commits?.totals.filtered ?? 0,
            deadLettered: commits?.totals.deadLettered ?? 0,
            absent: (commits?.totals.absent ?? 0) + inFlight.absent,
            lost: (commits?.totals.lost ?? 0) + unfiled,
            inFlight: inFlight.records,
            files: evidence.files.count,
            lines: evidence.files.reduce(0) { $0 + $1.scan.rows },
            holds: findings.troubles.isEmpty
        )
        report.compared = content.compared
        report.inFlightSinceMilliseconds = inFlight.since
        report.deadLettersJudged = deadLettersJudged
        report.uncheckedFiles = uncheckedFiles
        report.skipped = commits?.totals.skipped ?? 0
        report.lineage = commits?.lineage ?? 1
        report.filedEarlier = commits?.earlier.rows ?? 0
        report.replaced = commits?.replaced ?? 0
        if let commits, commits.cleared == commits.lineage {
            report.emptied = commits.beginning
            report.emptiedAtMilliseconds = commits.emptiedAt
        }
        return report
    }

    // MARK: Files

    /// Each file that a record names is there and holds exactly what was filed.
    private mutating func checkKnownFiles(_ commits: CommitEvidence) {
        let found = Dictionary(evidence.files.map { ($0.path, $0.scan) }) { first, _ in first }
        for file in commits.files {
            if let scan = found[file.path] {
                compare(scan, with: file, path: file.path)
            } else if let scan = evidence.pending[file.temporary] {
                compare(scan, with: file, path: file.temporary)
                findings.note(
                    "\(file.path) is committed and waits for its name; the connector gives it when it goes on"
                )
            } else {
                let rows = file.rows == 1 ? "1 record" : "\(file.rows) records"
                findings.add(
                    .fileMissing,
                    path: file.path,
                    offsets: file.first...file.last,
                    what: "commit record \(file.sequence) says that this file holds \(rows); it is not there",
                    advice: "restore it from a backup; while Kafka still has the offsets they can be read again from "
                        + "the topic"
                )
            }
        }
    }

    private mutating func compare(_ scan: FileScan, with file: FileExpectation, path: String) {
        guard scan.rows != file.rows || scan.bytes != file.bytes || scan.checksum != file.checksum else { return }
        let difference = scan.rows - file.rows
        let kind: AuditTrouble.Kind =
            difference < 0 ? .linesMissing : difference > 0 ? .linesAdded : .linesChanged
        let what =
            switch kind {
            case .linesMissing: "\(PartitionFindings.lines(-difference)) of the \(file.rows) that were filed"
            case .linesAdded: "\(PartitionFindings.lines(difference)) more than the \(file.rows) that were filed"
            default: "as many lines as were filed, but other bytes"
            }
        let verb = kind == .linesMissing ? "lacks" : "has"
        findings.add(
            kind,
            path: path,
            offsets: file.first...file.last,
            what: "the file \(verb) \(what) (\(scan.bytes) bytes with CRC-32C \(scan.checksum); commit record "
                + "\(file.sequence) says \(file.bytes) bytes with \(file.checksum))",
            advice:
                "the file was changed by hand or corrupted: restore it from a backup, or from the topic while "
                + "Kafka still has the offsets"
        )
    }

    /// Files that no record names: old ones, whose records were pruned, or ones that should not be there.
    private mutating func checkOtherFiles(_ commits: CommitEvidence) {
        let known = Set(commits.files.map(\.path))
        var names: [FinalName: String] = [:]
        for file in commits.files {
            let name = FinalName(Self.lastComponent(file.path), of: evidence.partition.topic)
            if let name { names[name] = file.path }
        }
        let others = evidence.files.filter { !known.contains($0.path) }.sorted { $0.name.first < $1.name.first }
        for file in others {
            let offsets = file.name.first...file.name.last
            if file.name.lineage < commits.cleared ?? CommitRecord.firstLineage {
                findings.add(
                    .fileLeft,
                    path: file.path,
                    offsets: offsets,
                    since: commits.emptiedAt,
                    what: "`hera reset` gave this file up, and was not run to its end",
                    advice: "run `hera reset` again: it goes on where it stopped"
                )
                continue
            }
            if let duplicate = names[file.name] {
                findings.add(
                    .fileDuplicated,
                    path: file.path,
                    offsets: offsets,
                    what: "\(duplicate) holds the same offsets",
                    advice: "compare the two and remove the one that no commit record names"
                )
                continue
            }
            names[file.name] = file.path
            let beginning = commits.beginnings[file.name.lineage] ?? commits.beginning
            let isEarlier = file.name.lineage < commits.lineage
            if isEarlier, commits.isWhole, file.name.first >= beginning {
                addUnexplained(file)
            } else if isEarlier {
                continue
            } else if file.name.last < commits.beginning, standards.filesEverything {
                addUnexplained(file)
            } else if file.name.last < commits.beginning {
                findings.note("\(file.path) was filed before this connector began; it is not judged")
            } else if file.name.first >= commits.knownFrom || file.name.last >= commits.next ?? 0 {
                addUnexplained(file)
            } else if file.scan.rows > file.name.offsetCount {
                findings.add(
                    .linesAdded,
                    path: file.path,
                    offsets: offsets,
                    what:
                        "the file has \(PartitionFindings.lines(file.scan.rows)), its name explains \(file.name.offsetCount) offsets",
                    advice: "the file was changed by hand: restore it from a backup"
                )
            }
        }
    }

    private mutating func addUnexplained(_ file: FileEvidence) {
        findings.add(
            .fileUnexplained,
            path: file.path,
            offsets: file.name.first...file.name.last,
            what: "no commit record names this file",
            advice: "if it was put there by hand, move it out of the raw zone; where commit records were "
                + "removed, restore them from a backup"
        )
    }

    /// All files together hold as much as was ever filed.
    private mutating func checkTotals(_ commits: CommitEvidence) {
        let counted = evidence.files.filter { file in
            file.name.lineage >= commits.cleared ?? CommitRecord.firstLineage
                && file.name.first >= commits.beginnings[file.name.lineage] ?? commits.beginning
        }
        let filed = commits.totals.rows + commits.earlier.rows
        let pending = commits.files.compactMap { evidence.pending[$0.temporary] }
        let rows = (counted.map(\.scan) + pending).reduce(0) { $0 + $1.rows }
        // A difference that has been placed in a file needs no second trouble without a place. What is not a file of the
        // raw zone was not counted, and so explains no difference.
        let isPlaced = findings.troubles.contains { $0.path != nil && $0.kind != .fileForeign }
        guard rows != filed, !isPlaced else { return }
        let old = counted.filter { $0.name.first < commits.knownFrom }
        let suspect = old.filter { $0.scan.rows != $0.name.offsetCount || !$0.scan.endsWithLineFeed }
        let only = suspect.count == 1 ? suspect.first : nil
        findings.add(
            rows < filed ? .linesMissing : .linesAdded,
            path: only?.path,
            offsets: only.map { $0.name.first...$0.name.last },
            what: "\(PartitionFindings.lines(filed)) were filed in all, the files hold \(rows)",
            advice: only == nil
                ? "compare the \(old.count) files whose commit records were pruned with a backup"
                : "restore the file from a backup: of those whose commit records were pruned only this one has not as "
                    + "many lines as its name explains"
        )
    }

    // MARK: Ends

    /// How many ranges of offsets are named one by one.
    private static var rangesNamedMax: Int { 8 }

    /// How many files without commit records are named one by one.
    private static var filesNamedMax: Int { 8 }

    private mutating func checkEnds(_ commits: CommitEvidence) {
        checkLost(commits)
        checkBeginning(commits)
        guard let next = commits.next else { return }
        if !evidence.exists {
            findings.add(
                .topicMissing,
                what: "records up to offset \(next - 1) are filed, and Kafka has no such partition",
                advice: "the topic was deleted, or this is another cluster: see whether the address is the right one"
            )
        } else if next > evidence.latest {
            findings.add(
                .offsetsBeyondEnd,
                offsets: evidence.latest...next - 1,
                since: commits.movedAt,
                what: "records up to offset \(next - 1) are filed, but the topic ends at \(evidence.latest)",
                advice: ContentCheck.replacedAdvice
            )
        } else if evidence.earliest > next {
            findings.add(
                .recordsLost,
                offsets: next...min(evidence.earliest, evidence.latest) - 1,
                since: commits.movedAt,
                what: "retention removed these records before they were filed",
                advice: Self.retentionAdvice
            )
        }
        if commits.totals.skipped > 0 {
            findings.note(
                "\(commits.totals.skipped) offsets were stepped over with `hera repair skip`"
                    + named(commits.skippedOffsets.map(\.offsets))
            )
        }
        if commits.totals.absent > 0 {
            findings.note(
                "\(commits.totals.absent) offsets hold no record\(named(commits.absentOffsets)): marks of transactions, "
                    + "compacted records, or what a power cut took; what was there is not judged"
            )
        }
    }

    /// The first of `ranges`, in brackets.
    private func named(_ ranges: [Range<Int64>]) -> String {
        guard !ranges.isEmpty else { return "" }
        let some = ranges.prefix(Self.rangesNamedMax).map { "\($0.lowerBound)–\($0.upperBound - 1)" }
        return " (\(some.joined(separator: ", "))\(ranges.count > some.count ? " and others" : ""))"
    }

    /// Whether the log is not the one whose offsets were filed: its topic has another id, or another record is at the
    /// last offset that is explained.
    private mutating func checkReplaced(_ commits: CommitEvidence) -> Bool {
        var signs: [String] = []
        if let filed = commits.topicID, let found = evidence.topicID, filed != found {
            signs.append("the topic has the id \(found), and \(filed) was filed")
        }
        if let filed = commits.fingerprint, let found = evidence.content?.fingerprint, filed != found {
            signs.append(
                "at offset \(filed.offset) the topic holds a record with the checksum \(found.checksum), and one with "
                    + "\(filed.checksum) was filed"
            )
        }
        guard !signs.isEmpty else { return false }
        findings.add(
            .logReplaced,
            offsets: commits.fingerprint.map { $0.offset...$0.offset },
            since: commits.movedAt,
            what: signs.joined(separator: "; ") + ": the topic was deleted and made again, or its log lost its end",
            advice: "`hera repair accept \(evidence.partition)` files what the topic holds now beside what was filed"
        )
        return true
    }

    private static let retentionAdvice =
        "they cannot be had from Kafka any more: send them again if their source has them, give the topic a longer "
        + "retention, and see why they were not filed in time"

    /// Records that the connector itself found to be gone.
    private mutating func checkLost(_ commits: CommitEvidence) {
        for gap in commits.lostOffsets.prefix(Self.rangesNamedMax) where !gap.offsets.isEmpty {
            findings.add(
                .recordsLost,
                offsets: gap.offsets.lowerBound...gap.offsets.upperBound - 1,
                since: gap.time,
                what: "retention removed these records before they were read",
                advice: Self.retentionAdvice
            )
        }
        let named = commits.lostOffsets.prefix(Self.rangesNamedMax).reduce(0) { $0 + Int64($1.offsets.count) }
        guard commits.totals.lost > named else { return }
        findings.add(
            .recordsLost,
            what:
                "retention removed \(PartitionFindings.records(commits.totals.lost - named)) more before they were read; their offsets "
                + "are in commit records that are not here any more",
            advice: Self.retentionAdvice
        )
    }

    /// What lies before the place where the connector began.
    private mutating func checkBeginning(_ commits: CommitEvidence) {
        guard commits.next != nil else {
            checkNeverFiled()
            return
        }
        let beginning = commits.beginning
        guard beginning > 0 else { return }
        guard commits.emptied != commits.lineage else {
            let time = commits.emptiedAt.map { " on \(TimeText.utc(milliseconds: $0))" } ?? ""
            findings.note("emptied with `hera reset`\(time): what lies before offset \(beginning) is not judged")
            return
        }
        let others = evidence.files.filter { $0.name.last < beginning }
        uncheckedFiles += others.count
        let covered = (others.map(\.name.last).max() ?? -1) + 1
        if standards.filesEverything, covered < beginning {
            findings.add(
                .recordsLost,
                offsets: covered...beginning - 1,
                what: "these records were never filed: the connector began at offset \(beginning)",
                advice: Self.retentionAdvice
            )
        } else {
            findings.note("the connector began at offset \(beginning); what lies before it is not judged")
        }
    }

    /// A partition of which nothing was ever committed.
    private mutating func checkWithoutRecords() {
        uncheckedFiles += evidence.files.count
        if standards.filesEverything {
            for file in evidence.files.prefix(Self.filesNamedMax) { addUnexplained(file) }
        } else if !evidence.files.isEmpty {
            findings.note("\(evidence.files.count) files were filed without commit records; they are not judged")
        }
        checkNeverFiled()
    }

    private mutating func checkNeverFiled() {
        guard evidence.earliest > 0, evidence.isOfConnector else { return }
        let covered = (evidence.files.map(\.name.last).max() ?? -1) + 1
        guard covered < evidence.earliest else { return }
        findings.add(
            .recordsLost,
            offsets: covered...evidence.earliest - 1,
            what: "no commit record tells of these records, and Kafka's log begins at \(evidence.earliest): they are "
                + "gone, and were never filed",
            advice: Self.retentionAdvice
        )
    }

    // MARK: Dead letters

    /// Whether the dead letter queue could be compared with the commit records.
    private var deadLettersJudged: Bool {
        guard let commits = evidence.commits else { return true }
        guard let found = evidence.deadLetters else { return commits.totals.deadLettered == 0 }
        return !(found < commits.totals.deadLettered && evidence.deadLettersIncomplete)
    }

    private mutating func checkDeadLetters(_ commits: CommitEvidence) {
        guard let found = evidence.deadLetters, found != commits.totals.deadLettered else { return }
        guard deadLettersJudged else {
            findings.note(
                "of \(commits.totals.deadLettered) records that were set aside, the dead letter queue still holds \(found); "
                    + "retention removed the others, so they are not judged"
            )
            return
        }
        findings.add(
            .deadLettersDiffer,
            what: "\(commits.totals.deadLettered) records were set aside, the dead letter queue holds \(found) of this "
                + "partition's offsets",
            advice: "check whether the queue was emptied, or written to, by hand"
        )
    }

    private mutating func checkTemporaries(_ commits: CommitEvidence) {
        for file in evidence.temporaries.sorted(by: { $0.path < $1.path }) where file.isObsolete(at: commits.epoch) {
            findings.add(
                .temporaryFileLeft,
                path: file.path,
                what: "this temporary file was begun before epoch \(commits.epoch), which the partition is in: it will "
                    + "never be used",
                advice: "remove it; the connector should have done so when it took the partition over"
            )
        }
    }

    // MARK: Progress

    /// Reports a position that stays the same while records follow it.
    private mutating func checkProgress() {
        if let obstacle = evidence.content?.obstacle {
            findings.note("it could not be read to its end, so it is not judged whole: \(obstacle)")
        }
        if let standing = evidence.standing {
            report(standing)
            return
        }
        guard inFlight.records > 0, evidence.isOfConnector, standards.isRunning != false else { return }
        let offsets = inFlight.next...evidence.latest - 1
        let what = "\(PartitionFindings.records(inFlight.records)) from offset \(inFlight.next) on are not filed"
        guard let since = inFlight.standsSince, standards.now - since > standards.stallMilliseconds else {
            if inFlight.since == nil, evidence.content?.firstTimestamp != nil {
                findings.note("\(what); their timestamps do not tell since when, so that is not judged")
            }
            return
        }
        findings.add(
            .partitionStalled,
            offsets: offsets,
            since: since,
            what: what + ", and the partition does not move",
            advice: "the log of what files it says why; `hera repair list` names what needs a decision"
        )
    }

    /// Reports what the connector itself says, however short its records have been waiting.
    private mutating func report(_ standing: Standing) {
        let waiting = inFlight.records
        findings.add(
            standing.hasFailed ? .partitionFailed : .partitionStalled,
            offsets: waiting > 0 ? inFlight.next...evidence.latest - 1 : nil,
            since: standing.sinceMilliseconds,
            what: (waiting > 0
                ? "\(PartitionFindings.records(waiting)) from offset \(inFlight.next) on are not filed, and " : "")
                + "the connector says: \(standing.reason)",
            advice: "`hera repair list` names what needs a decision; what needs none is tried again by itself"
        )
    }

    private static func lastComponent(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }
}
