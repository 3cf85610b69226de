import HDFSSink

extension PartitionCheck {
    mutating func checkDeadLetters(_ commits: CommitEvidence) {
        guard let found = evidence.deadLetters, found != commits.deadLettered else { return }
        if found < commits.deadLettered, evidence.deadLettersIncomplete {
            note(
                "of \(commits.deadLettered) records that were set aside, the dead letter queue still holds \(found); "
                    + "retention removed the others"
            )
            return
        }
        add(
            .deadLettersDiffer,
            what: "\(commits.deadLettered) records were set aside, the dead letter queue holds \(found) of this "
                + "partition's offsets",
            advice: "see whether somebody emptied the queue, or wrote into it, by hand"
        )
    }

    mutating func checkTemporaries(_ commits: CommitEvidence) {
        for file in evidence.temporaries.sorted(by: { $0.path < $1.path }) where file.isRubbish(at: commits.epoch) {
            add(
                .temporaryFileLeft,
                path: file.path,
                what:
                    "this temporary file was begun before epoch \(commits.epoch), in which the partition is: nobody will "
                    + "ever use it",
                advice: "remove it; the connector should have done so when it took the partition over"
            )
        }
    }

    mutating func checkEnds(_ commits: CommitEvidence) {
        if let next = commits.next, next > evidence.latest {
            add(
                .offsetsBeyondEnd,
                offsets: evidence.latest...next - 1,
                what: "records up to offset \(next - 1) are filed, but the topic ends at \(evidence.latest)",
                advice: "the topic was deleted and made again, or lost its end: file it under another connector name"
            )
        }
        for range in commits.lostOffsets {
            note(
                "retention removed the records of offsets \(range.lowerBound)–\(range.upperBound - 1) before they were read"
            )
        }
        if commits.beginning > 0 {
            note("the connector began at offset \(commits.beginning); what lies before it is not its own")
        }
        if let next = commits.next, evidence.earliest > next {
            note(
                "retention removed the records of offsets \(next)–\(min(evidence.earliest, evidence.latest) - 1) before "
                    + "they were filed; the connector will say so when it goes on"
            )
        }
    }

    /// A partition that the connector never took over: files there are somebody else's.
    mutating func checkWithoutRecords() {
        if !evidence.files.isEmpty {
            note(
                "\(evidence.files.count) files were filed without commit records, by another connector; they are not checked"
            )
        }
    }
}
