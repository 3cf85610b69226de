import Community
import GroundTruth

/// What the source of the community's events knows it sent, as a supplement of the audit.
package struct CommunityTruth: AuditSupplement {
    /// The directory with the ground truth of the source's runs.
    private let directory: String

    package init(directory: String) {
        self.directory = directory
    }

    package func tally(of topic: String) -> (any LineTally)? {
        CommunityTopic(rawValue: topic).flatMap { $0 == .users ? nil : CommunityTally(topic: $0) }
    }

    package func findings(
        _ tallies: [any LineTally],
        _ partitions: [PartitionReport],
        topicIDs: [String: String]
    ) throws -> AuditFindings {
        var findings = AuditFindings()
        let truths = try GroundTruth.paths(in: directory).map { try GroundTruth.read(from: $0) }
        guard !truths.isEmpty else {
            findings.notes.append(AuditNote("there is no ground truth in \(directory) to compare with"))
            return findings
        }
        let sums = tallies.reduce(into: UserSums()) { sums, tally in
            if let tally = tally as? CommunityTally { sums += tally.sums }
        }
        let topics = CommunityTopic.allCases.map { topic in
            var evidence = TopicEvidence(topic: topic.name, reports: partitions)
            evidence.hundredths = sums.hundredths(of: topic)
            evidence.topicID = topicIDs[topic.name]
            return evidence
        }
        let check = TruthCheck(truths: truths, topics: topics, sums: sums)
        findings.truth = check.reports
        findings.troubles = check.troubles
        findings.notes = check.notes
        return findings
    }
}

/// Sums up the tokens of a topic's lines by user.
private struct CommunityTally: LineTally {
    let topic: CommunityTopic
    var sums = UserSums()

    mutating func add(_ line: UnsafeRawBufferPointer) { sums.add(line, of: topic) }

    mutating func merge(_ other: any LineTally) {
        guard let other = other as? CommunityTally else { preconditionFailure("a tally of another supplement") }
        sums += other.sums
    }
}
