import Community
package import GroundTruth
import KafkaTopics

/// What the source of the community's events knows it sent, as a supplement of the audit.
package struct CommunityTruth: AuditSupplement {
    /// The ground truth of the source's runs.
    package let truths: [GroundTruth]
    private let directory: String
    /// Whether a run tells what its lines are, and so those of the files are to be looked at one by one.
    private let hasDigests: Bool

    /// - Parameter directory: the directory with the ground truth of the source's runs.
    /// - Throws: `GroundTruthError`.
    package init(directory: String) throws(GroundTruthError) {
        self.directory = directory
        var truths: [GroundTruth] = []
        for path in try GroundTruth.paths(in: directory) { truths.append(try GroundTruth.read(from: path)) }
        self.truths = truths
        hasDigests = truths.contains { $0.topics.contains { $0.digests != nil } }
    }

    package func tally(of file: FileOrigin) -> (any LineTally)? {
        guard let topic = CommunityTopic(rawValue: file.partition.topic) else { return nil }
        return topic == .users && !hasDigests ? nil : CommunityTally(topic, file, hasDigests: hasDigests)
    }

    package func findings(
        _ tallies: [any LineTally],
        _ partitions: [PartitionReport],
        topicIDs: [String: String]
    ) -> AuditFindings {
        var findings = AuditFindings()
        guard !truths.isEmpty else {
            findings.notes.append(AuditNote("there is no ground truth in \(directory) to compare with"))
            return findings
        }
        let own = tallies.compactMap { $0 as? CommunityTally }
        let sums = own.reduce(into: UserSums()) { $0 += $1.sums }
        let topics = CommunityTopic.allCases.map { topic in
            var evidence = TopicEvidence(topic: topic.name, reports: partitions)
            evidence.hundredths = sums.hundredths(of: topic)
            evidence.topicID = topicIDs[topic.name]
            for tally in own where tally.topic == topic { evidence.lines += tally.lines }
            return evidence
        }
        let check = TruthCheck(truths: truths, topics: topics, sums: sums)
        findings.truth = check.reports
        findings.troubles = check.troubles
        findings.notes = check.notes
        return findings
    }
}

/// Sums up the tokens of a topic's lines by user, and the lines themselves by partition and hour.
private struct CommunityTally: LineTally {
    let topic: CommunityTopic
    private let file: FileOrigin
    private let hasDigests: Bool
    var sums = UserSums()
    var lines = FiledLines()

    init(_ topic: CommunityTopic, _ file: FileOrigin, hasDigests: Bool) {
        self.topic = topic
        self.file = file
        self.hasDigests = hasDigests
    }

    mutating func add(_ line: UnsafeRawBufferPointer) {
        let hundredths = sums.add(line, of: topic)
        if hasDigests { lines.add(line, of: file, hundredths: hundredths) }
    }

    mutating func merge(_ other: any LineTally) {
        guard let other = other as? CommunityTally else { preconditionFailure("a tally of another supplement") }
        sums += other.sums
        lines += other.lines
    }
}
