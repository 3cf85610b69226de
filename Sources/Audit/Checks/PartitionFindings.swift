import KafkaTopics

/// What the checks of one partition found.
struct PartitionFindings {
    let partition: TopicPartition
    private(set) var troubles: [AuditTrouble]
    private(set) var notes: [AuditNote] = []

    /// - Parameter troubles: what was found before.
    init(_ partition: TopicPartition, _ troubles: [AuditTrouble]) {
        self.partition = partition
        self.troubles = troubles
    }

    mutating func add(
        _ kind: AuditTrouble.Kind,
        path: String? = nil,
        offsets: ClosedRange<Int64>? = nil,
        since: Int64? = nil,
        what: String,
        advice: String
    ) {
        var trouble = AuditTrouble(
            kind,
            topic: partition.topic,
            partition: partition.partition,
            path: path,
            offsets: offsets,
            what: what,
            advice: advice
        )
        trouble.sinceMilliseconds = since
        troubles.append(trouble)
    }

    /// Whether one of these files is known not to be as it was filed.
    func hasTroubleOfLines(in paths: [String]) -> Bool {
        troubles.contains { trouble in trouble.kind.isOfLines && paths.contains { $0 == trouble.path } }
    }

    /// Names the places where a file that is not as it was filed differs from its topic.
    ///
    /// - Returns: `false` where no trouble of this file is known.
    mutating func locate(_ path: String, by difference: LineDifference) -> Bool {
        guard let known = troubles.firstIndex(where: { $0.path == path && $0.kind.isOfLines }) else { return false }
        troubles[known] = troubles[known].located(by: difference)
        return true
    }

    mutating func note(_ text: String) {
        notes.append(AuditNote(topic: partition.topic, partition: partition.partition, text))
    }

    static func lines(_ count: Int64) -> String { count == 1 ? "1 line" : "\(count) lines" }

    static func records(_ count: Int64) -> String { count == 1 ? "1 record" : "\(count) records" }
}
