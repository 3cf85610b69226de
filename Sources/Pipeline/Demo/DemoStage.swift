import PlainText
import Report

/// A stage of a demo that is done, as its line of progress tells it.
package enum DemoStage: Sendable {
    /// Records that the ingestor acknowledged, those without content included.
    case sent(records: Int, perSecond: Int, took: Duration)
    /// Records that are in a file: all but those without content.
    case filed(records: Int, took: Duration)
    case audited(partitions: Int, took: Duration)
    case analyzed(users: Int, took: Duration)
    case reported(path: String, took: Duration)

    /// One line for a person.
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
    /// With two decimals, as a person reads it.
    fileprivate var inSeconds: String {
        NumberText.decimal(self / .seconds(1), decimals: 2) + " s"
    }
}
