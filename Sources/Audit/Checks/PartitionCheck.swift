import KafkaTopics

/// Weighs the evidence of one partition: pure.
package struct PartitionCheck {
    let evidence: PartitionEvidence
    package private(set) var troubles: [AuditTrouble] = []
    package private(set) var notes: [AuditNote] = []

    /// Weighs `evidence`.
    package init(_ evidence: PartitionEvidence) {
        self.evidence = evidence
        troubles = evidence.troubles
        guard let commits = evidence.commits else {
            checkWithoutRecords()
            return
        }
        troubles += commits.troubles
        checkKnownFiles(commits)
        checkOtherFiles(commits)
        checkTotals(commits)
        checkDeadLetters(commits)
        checkTemporaries(commits)
        checkEnds(commits)
    }

    /// The partition's line of the report.
    package var report: PartitionReport {
        let commits = evidence.commits
        let next = commits?.next ?? evidence.earliest
        let unfiled = max(0, min(evidence.earliest, evidence.latest) - next)
        return PartitionReport(
            topic: evidence.partition.topic,
            partition: evidence.partition.partition,
            produced: evidence.latest,
            before: commits?.next == nil ? evidence.earliest : commits?.beginning ?? 0,
            filed: commits?.filed ?? 0,
            filtered: commits?.filtered ?? 0,
            deadLettered: commits?.deadLettered ?? 0,
            absent: commits?.absent ?? 0,
            lost: (commits?.lost ?? 0) + unfiled,
            inFlight: max(0, evidence.latest - next - unfiled),
            files: evidence.files.count,
            lines: evidence.files.reduce(0) { $0 + $1.scan.rows },
            holds: troubles.isEmpty
        )
    }

    mutating func add(
        _ kind: AuditTrouble.Kind,
        path: String? = nil,
        offsets: ClosedRange<Int64>? = nil,
        what: String,
        advice: String
    ) {
        troubles.append(
            AuditTrouble(
                kind,
                topic: evidence.partition.topic,
                partition: evidence.partition.partition,
                path: path,
                offsets: offsets,
                what: what,
                advice: advice
            )
        )
    }

    mutating func note(_ text: String) {
        notes.append(AuditNote(topic: evidence.partition.topic, partition: evidence.partition.partition, text))
    }

    static func lines(_ count: Int64) -> String { count == 1 ? "1 line" : "\(count) lines" }

    static func lastComponent(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }
}
