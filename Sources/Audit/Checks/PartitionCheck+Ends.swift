import CommitLedger
import ConnectAPI
import KafkaTopics

// The two ends of a partition: the records that retention removed, and the position that the connector has reached.
extension PartitionCheck {
    /// How many ranges of offsets are named one by one.
    private static var rangesNamedMax: Int { 8 }

    /// How many files without commit records are named one by one.
    private static var filesNamedMax: Int { 8 }

    mutating func checkEnds(_ commits: CommitEvidence) {
        checkLost(commits)
        checkBeginning(commits)
        guard let next = commits.next else { return }
        if !evidence.exists {
            add(
                .topicMissing,
                what: "records up to offset \(next - 1) are filed, and Kafka has no such partition",
                advice: "the topic was deleted, or this is another cluster: see whether the address is the right one"
            )
        } else if next > evidence.latest {
            add(
                .offsetsBeyondEnd,
                offsets: evidence.latest...next - 1,
                since: commits.movedAt,
                what: "records up to offset \(next - 1) are filed, but the topic ends at \(evidence.latest)",
                advice: Self.replacedAdvice
            )
        } else if evidence.earliest > next {
            add(
                .recordsLost,
                offsets: next...min(evidence.earliest, evidence.latest) - 1,
                since: commits.movedAt,
                what: "retention removed these records before they were filed",
                advice: Self.retentionAdvice
            )
        }
        if commits.skipped > 0 {
            note(
                "\(commits.skipped) offsets were stepped over with `hera repair skip`"
                    + named(commits.skippedOffsets.map(\.offsets))
            )
        }
        if commits.absent > 0 {
            note(
                "\(commits.absent) offsets hold no record\(named(commits.absentOffsets)): marks of transactions, "
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
    mutating func checkReplaced(_ commits: CommitEvidence) -> Bool {
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
        add(
            .logReplaced,
            offsets: commits.fingerprint.map { $0.offset...$0.offset },
            since: commits.movedAt,
            what: signs.joined(separator: "; ") + ": the topic was deleted and made again, or its log lost its end",
            advice: "`hera repair accept \(evidence.partition)` files what the topic holds now beside what was filed"
        )
        return true
    }

    static let retentionAdvice =
        "they cannot be had from Kafka any more: send them again if their source has them, give the topic a longer "
        + "retention, and see why they were not filed in time"

    /// Records that the connector itself found to be gone.
    private mutating func checkLost(_ commits: CommitEvidence) {
        for gap in commits.lostOffsets.prefix(Self.rangesNamedMax) where !gap.offsets.isEmpty {
            add(
                .recordsLost,
                offsets: gap.offsets.lowerBound...gap.offsets.upperBound - 1,
                since: gap.time,
                what: "retention removed these records before they were read",
                advice: Self.retentionAdvice
            )
        }
        let named = commits.lostOffsets.prefix(Self.rangesNamedMax).reduce(0) { $0 + Int64($1.offsets.count) }
        guard commits.lost > named else { return }
        add(
            .recordsLost,
            what: "retention removed \(Self.records(commits.lost - named)) more before they were read; their offsets "
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
        let others = evidence.files.filter { $0.name.last < beginning }
        uncheckedFiles += others.count
        let covered = (others.map(\.name.last).max() ?? -1) + 1
        if standards.filesEverything, covered < beginning {
            add(
                .recordsLost,
                offsets: covered...beginning - 1,
                what: "these records were never filed: the connector began at offset \(beginning)",
                advice: Self.retentionAdvice
            )
        } else {
            note("the connector began at offset \(beginning); what lies before it is not judged")
        }
    }

    /// A partition of which nothing was ever committed.
    mutating func checkWithoutRecords() {
        uncheckedFiles += evidence.files.count
        if standards.filesEverything {
            for file in evidence.files.prefix(Self.filesNamedMax) { addUnexplained(file) }
        } else if !evidence.files.isEmpty {
            note("\(evidence.files.count) files were filed without commit records; they are not judged")
        }
        checkNeverFiled()
    }

    private mutating func checkNeverFiled() {
        guard evidence.earliest > 0, evidence.isOfConnector else { return }
        let covered = (evidence.files.map(\.name.last).max() ?? -1) + 1
        guard covered < evidence.earliest else { return }
        add(
            .recordsLost,
            offsets: covered...evidence.earliest - 1,
            what: "no commit record tells of these records, and Kafka's log begins at \(evidence.earliest): they are "
                + "gone, and were never filed",
            advice: Self.retentionAdvice
        )
    }

    // MARK: - Dead letters

    /// Whether the dead letter queue could be compared with the commit records.
    var deadLettersJudged: Bool {
        guard let commits = evidence.commits else { return true }
        guard let found = evidence.deadLetters else { return commits.deadLettered == 0 }
        return !(found < commits.deadLettered && evidence.deadLettersIncomplete)
    }

    mutating func checkDeadLetters(_ commits: CommitEvidence) {
        guard let found = evidence.deadLetters, found != commits.deadLettered else { return }
        guard deadLettersJudged else {
            note(
                "of \(commits.deadLettered) records that were set aside, the dead letter queue still holds \(found); "
                    + "retention removed the others, so they are not judged"
            )
            return
        }
        add(
            .deadLettersDiffer,
            what: "\(commits.deadLettered) records were set aside, the dead letter queue holds \(found) of this "
                + "partition's offsets",
            advice: "check whether the queue was emptied, or written to, by hand"
        )
    }

    mutating func checkTemporaries(_ commits: CommitEvidence) {
        for file in evidence.temporaries.sorted(by: { $0.path < $1.path }) where file.isObsolete(at: commits.epoch) {
            add(
                .temporaryFileLeft,
                path: file.path,
                what: "this temporary file was begun before epoch \(commits.epoch), which the partition is in: it will "
                    + "never be used",
                advice: "remove it; the connector should have done so when it took the partition over"
            )
        }
    }
}
