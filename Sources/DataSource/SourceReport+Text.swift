import Community
import GroundTruth

extension SourceReport {
    /// The report in a few lines for a person.
    package var text: String {
        let byTopic = CommunityTopic.allCases
            .map { "\(Readable.count(topics[$0.name] ?? 0)) \($0.name)" }.joined(separator: ", ")
        let time = "\(Readable.decimal(elapsedSeconds, digits: 2)) s"
        let rate = Readable.count(Int(recordsPerSecond.rounded()))
        var lines = [
            "\(ending): \(Readable.count(acknowledged)) records acknowledged in \(time), \(rate) records/s",
            "  by topic         \(byTopic); of them \(Readable.count(tombstones)) tombstones",
        ]
        if let latency = acknowledgementMilliseconds {
            let times = [("p50", latency.p50), ("p99", latency.p99), ("p99.9", latency.p999)]
                .map { "\($0) \(Readable.decimal($1, digits: 2)) ms" }.joined(separator: ", ")
            lines.append("  acknowledgement  \(times)")
        }
        if unresolved > 0 {
            lines.append("  unknown          \(Readable.count(unresolved)) records may or may not have arrived")
        }
        if rejected > 0 { lines.append("  not written      \(Readable.count(rejected)) records") }
        if let truth { lines.append("  ground truth     \(truth)") }
        return lines.joined(separator: "\n")
    }

    private var ending: String {
        switch outcome {
        case .running: "running"
        case .completed: "completed"
        case .interrupted: "stopped"
        case .failed: "failed"
        }
    }
}
