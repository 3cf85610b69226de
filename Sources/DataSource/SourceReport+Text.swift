import Community
import GroundTruth
import PlainText

extension SourceReport {
    /// The report in a few lines for a person.
    package var text: String {
        let byTopic = CommunityTopic.allCases
            .map { "\(NumberText.whole(topics[$0.name] ?? 0)) \($0.name)" }.joined(separator: ", ")
        let time = "\(NumberText.decimal(elapsedSeconds, decimals: 2)) s"
        let rate = NumberText.whole(Int(recordsPerSecond.rounded()))
        var lines = [
            "\(ending): \(NumberText.whole(acknowledged)) records acknowledged in \(time), \(rate) records/s",
            "  by topic         \(byTopic); of them \(NumberText.whole(tombstones)) tombstones",
        ]
        if let latency = acknowledgementMilliseconds {
            let times = [("p50", latency.p50), ("p99", latency.p99), ("p99.9", latency.p999)]
                .map { "\($0) \(NumberText.decimal($1, decimals: 2)) ms" }.joined(separator: ", ")
            lines.append("  acknowledgement  \(times)")
        }
        if unresolved > 0 {
            lines.append("  unknown          \(NumberText.whole(unresolved)) records may or may not have arrived")
        }
        if rejected > 0 { lines.append("  not written      \(NumberText.whole(rejected)) records") }
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
