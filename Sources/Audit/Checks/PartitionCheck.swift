import CommitLedger
import KafkaTopics

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
    let standards: Standards
    package private(set) var troubles: [AuditTrouble] = []
    package private(set) var notes: [AuditNote] = []
    /// Files that differ from the topic, before it is known where.
    package internal(set) var suspects: [Suspect] = []
    /// How many lines of files equal the records of the topic.
    package internal(set) var compared: Int64 = 0
    /// Files that cannot be judged.
    package internal(set) var uncheckedFiles = 0
    /// What is not filed yet.
    package internal(set) var inFlight = InFlight()

    /// Weighs `evidence`.
    package init(_ evidence: PartitionEvidence, _ standards: Standards) {
        self.evidence = evidence
        self.standards = standards
        troubles = evidence.troubles
        inFlight = InFlight(evidence, now: standards.now)
        guard let commits = evidence.commits else {
            checkWithoutRecords()
            checkProgress()
            return
        }
        troubles += commits.troubles
        checkKnownFiles(commits)
        checkOtherFiles(commits)
        checkTotals(commits)
        checkDeadLetters(commits)
        checkTemporaries(commits)
        checkEnds(commits)
        if !checkReplaced(commits) { checkContent(commits) }
        checkProgress()
    }

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
            filed: commits?.filed ?? 0,
            filtered: commits?.filtered ?? 0,
            deadLettered: commits?.deadLettered ?? 0,
            absent: (commits?.absent ?? 0) + inFlight.absent,
            lost: (commits?.lost ?? 0) + unfiled,
            inFlight: inFlight.records,
            files: evidence.files.count,
            lines: evidence.files.reduce(0) { $0 + $1.scan.rows },
            holds: troubles.isEmpty
        )
        report.compared = compared
        report.inFlightSinceMilliseconds = inFlight.since
        report.deadLettersJudged = deadLettersJudged
        report.uncheckedFiles = uncheckedFiles
        report.skipped = commits?.skipped ?? 0
        report.lineage = commits?.lineage ?? 1
        report.filedEarlier = commits?.earlier.rows ?? 0
        report.replaced = commits?.replaced ?? 0
        return report
    }

    func trouble(
        _ kind: AuditTrouble.Kind,
        path: String? = nil,
        offsets: ClosedRange<Int64>? = nil,
        since: Int64? = nil,
        what: String,
        advice: String
    ) -> AuditTrouble {
        var trouble = AuditTrouble(
            kind,
            topic: evidence.partition.topic,
            partition: evidence.partition.partition,
            path: path,
            offsets: offsets,
            what: what,
            advice: advice
        )
        trouble.sinceMilliseconds = since
        return trouble
    }

    mutating func add(
        _ kind: AuditTrouble.Kind,
        path: String? = nil,
        offsets: ClosedRange<Int64>? = nil,
        since: Int64? = nil,
        what: String,
        advice: String
    ) {
        add(trouble(kind, path: path, offsets: offsets, since: since, what: what, advice: advice))
    }

    mutating func add(_ trouble: AuditTrouble) { troubles.append(trouble) }

    mutating func replace(_ index: Int, _ trouble: AuditTrouble) { troubles[index] = trouble }

    mutating func note(_ text: String) {
        notes.append(AuditNote(topic: evidence.partition.topic, partition: evidence.partition.partition, text))
    }

    static func lines(_ count: Int64) -> String { count == 1 ? "1 line" : "\(count) lines" }

    static func records(_ count: Int64) -> String { count == 1 ? "1 record" : "\(count) records" }

    static func lastComponent(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }
}
