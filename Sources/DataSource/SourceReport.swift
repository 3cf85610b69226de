import Community
package import GroundTruth
import PlainText

/// A run's result as numbers, for scripts (`--json`) and for the text.
package struct SourceReport: Codable, Equatable, Sendable {
    /// Milliseconds that the given part of the acknowledged records waited at most.
    package struct Latency: Codable, Equatable, Sendable {
        package let p50: Double
        package let p99: Double
        package let p999: Double
    }

    package let run: String
    package let outcome: GroundTruth.Outcome
    /// What went wrong; not there where nothing did.
    package let failure: String?
    package let acknowledged: Int
    /// Of them, without a value.
    package let tombstones: Int
    /// It is unknown whether they arrived.
    package let unresolved: Int
    /// They did not arrive.
    package let rejected: Int
    /// Acknowledged records that were bad on purpose, by kind; not there where all were good, or no ground truth is written.
    package let dirt: [String: Int]?
    /// Acknowledged records by topic.
    package let topics: [String: Int]
    package let elapsedSeconds: Double
    package let recordsPerSecond: Double
    /// Not there where nothing was acknowledged.
    package let acknowledgementMilliseconds: Latency?
    /// The file of the ground truth; not there where none was written.
    package let truth: String?

    package init(_ result: SourceResult) {
        let truth = result.truth
        run = truth.run
        outcome = truth.outcome
        failure = result.failure?.description
        acknowledged = truth.acknowledgedCount
        tombstones = truth.topics.reduce(0) { $0 + $1.acknowledged.tombstoneCount }
        unresolved = truth.unresolvedCount
        rejected = truth.rejectedCount
        topics = Dictionary(uniqueKeysWithValues: truth.topics.map { ($0.topic, $0.acknowledged.count) })
        let kinds = truth.topics.flatMap { $0.dirt ?? [] }.map { ($0.kind, $0.acknowledged.count) }
        dirt = kinds.isEmpty ? nil : Dictionary(kinds, uniquingKeysWith: +)
        elapsedSeconds = result.elapsed.inSeconds
        recordsPerSecond = result.recordsPerSecond
        acknowledgementMilliseconds = Latency(result.latency)
        self.truth = result.truthPath
    }
}

extension SourceReport {
    /// The report in a few lines.
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
        if let dirt {
            let kinds = Dirt.allCases.compactMap { kind in
                dirt[kind.name].map { "\(NumberText.whole($0)) \(kind.name)" }
            }
            lines.append("  bad on purpose   \(kinds.joined(separator: ", "))")
        }
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

/// How far a run is.
package struct SourceProgress: Equatable, Sendable {
    /// Records that were given to the producers.
    package let sentCount: Int
    /// Of them, acknowledged.
    package let acknowledgedCount: Int
    /// How many there will be; `nil`: no end.
    package let totalCount: Int?
    /// Since the beginning.
    package let elapsed: Duration
}

extension SourceProgress {
    /// The progress in one line.
    package var text: String {
        let total = totalCount.map { " of \(NumberText.whole($0))" } ?? ""
        let seconds = elapsed.inSeconds
        let rate = seconds > 0 ? Int((Double(acknowledgedCount) / seconds).rounded()) : 0
        let waiting = NumberText.whole(sentCount - acknowledgedCount)
        return "\(NumberText.whole(acknowledgedCount))\(total) records acknowledged, \(waiting) on their way, "
            + "\(NumberText.whole(rate)) records/s, \(NumberText.decimal(seconds, decimals: 0)) s"
    }
}

/// What a run did.
package struct SourceResult: Sendable {
    /// What is in the topics now.
    package let truth: GroundTruth
    /// The file of the ground truth; `nil` where none was written.
    package let truthPath: String?
    /// From the beginning, with the time for records that were passed over, to the last acknowledgement.
    package let elapsed: Duration
    package let latency: AcknowledgementLatency
    /// What went wrong; `nil`: nothing.
    package private(set) var failure: DataSourceError?

    /// The same with a failure, unless it has one.
    func failing(with error: DataSourceError) -> SourceResult {
        var result = self
        result.failure = failure ?? error
        return result
    }

    /// Acknowledged records per second.
    package var recordsPerSecond: Double {
        let seconds = elapsed.inSeconds
        return seconds > 0 ? Double(truth.acknowledgedCount) / seconds : 0
    }
}

extension Duration {
    /// As a number of seconds.
    var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }

    /// Reads a whole number and its unit: `500ms`, `30s`, `5m`, `2h`, `3d`, `4w`; without a unit, seconds. `nil`: the text is
    /// anything else, or longer than a hundred years.
    package init?(text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let milliseconds: Int64
        switch text.dropFirst(digits.count) {
        case "ms": milliseconds = 1
        case "s", "": milliseconds = 1_000
        case "m": milliseconds = 60_000
        case "h": milliseconds = 3_600_000
        case "d": milliseconds = 86_400_000
        case "w": milliseconds = 604_800_000
        default: return nil
        }
        let longest: Int64 = 100 * 365 * 24 * 3_600_000
        guard let number = Int64(digits), number <= longest / milliseconds else { return nil }
        self = .milliseconds(number * milliseconds)
    }
}
