import GroundTruth
import PlainText
package import Report

/// What came out of a demo.
package struct DemoSummary: Sendable, Encodable {
    /// Events that the ingestor acknowledged.
    package let events: Int
    /// Of these, events without content.
    package let tombstones: Int
    /// Of these, events whose value is no JSON: they are in the dead letter topic.
    package let deadLetters: Int
    /// What the source hid among the users and events.
    package let planted: PlantedSummary
    package let report: ReportSummary

    init(_ truth: GroundTruth, report: ReportSummary) {
        events = truth.acknowledgedCount
        tombstones = truth.topics.reduce(0) { $0 + $1.acknowledged.tombstoneCount }
        deadLetters = truth.topics.reduce(0) { $0 + $1.acknowledged.brokenCount }
        planted = PlantedSummary(truth)
        self.report = report
    }

    /// What happened, what it means, and what to look at next, for a newcomer.
    ///
    /// - Parameter flags: what a further command needs to find the same directory: nothing, or ` --data DIR`.
    package func text(flags: String) -> String {
        let segments = report.segments.map { "    \($0.number). \($0.name): \(NumberText.whole($0.users)) users" }
        let letters =
            deadLetters == 0
            ? "" : "\n\(NumberText.whole(deadLetters)) are no JSON, and are set aside in the dead letter topic."
        return """

            \(NumberText.whole(report.users)) customers did \(NumberText.whole(report.behaviours)) sustainable things and \
            bought \(NumberText.whole(report.prizes)) prizes.
            All \(NumberText.whole(events)) events went through the Kafka protocol. \
            \(NumberText.whole(events - tombstones - deadLetters)) are in a file, each exactly once;
            the other \(NumberText.whole(tombstones)) are events without content, which are filtered as they should be.\
            \(letters)
            \(planted.text)
            Their \(report.segments.count) segments:
            \(segments.joined(separator: "\n"))

            Open the report: \(report.written.first ?? "")
            Go on: `hera audit\(flags)` proves it again, `hera analyze\(flags)` makes the report anew, `hera up\(flags)` takes
            your own events in.
            """
    }
}

/// A stage of a demo that is done, as its line of progress tells it.
package enum DemoStage: Sendable {
    /// Records that the ingestor acknowledged, those without content included.
    case sent(records: Int, perSecond: Int, took: Duration)
    /// Records that are in a file: all but those without content.
    case filed(records: Int, took: Duration)
    case audited(partitions: Int, took: Duration)
    case analyzed(users: Int, took: Duration)
    case reported(path: String, took: Duration)

    /// The line of progress.
    package var line: String {
        switch self {
        case .sent(let records, let perSecond, let took):
            let rate = NumberText.whole(perSecond)
            return
                "generated, sent and acknowledged \(NumberText.whole(records)) events (\(took.inSeconds), \(rate) a second)"
        case .filed(let records, let took):
            return
                "filed      \(NumberText.whole(records)) events exactly once (\(took.inSeconds) since the first was sent)"
        case .audited(let partitions, let took):
            return "audited    \(partitions) partitions: nothing lost, nothing twice (\(took.inSeconds))"
        case .analyzed(let users, let took):
            return "analyzed   \(NumberText.whole(users)) users (\(took.inSeconds))"
        case .reported(let path, let took):
            return "reported   \(path) (\(took.inSeconds))"
        }
    }
}

extension Duration {
    /// With two decimals.
    fileprivate var inSeconds: String {
        NumberText.decimal(self / .seconds(1), decimals: 2) + " s"
    }
}
