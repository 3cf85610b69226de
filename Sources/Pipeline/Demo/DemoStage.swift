/// A stage of a demo that is done, for the progress line of its.
package enum DemoStage: Sendable {
    case sent(records: Int, perSecond: Int, took: Duration)
    case filed(records: Int, took: Duration)
    case audited(partitions: Int, took: Duration)
    case analyzed(users: Int, took: Duration)
    case reported(path: String, took: Duration)

    /// One line for a person.
    package var line: String {
        switch self {
        case .sent(let records, let perSecond, let took):
            let rate = DemoText.number(perSecond)
            return
                "generated, sent and acknowledged \(DemoText.number(records)) events (\(DemoText.seconds(took)), \(rate) a second)"
        case .filed(let records, let took):
            return
                "filed      \(DemoText.number(records)) events exactly once (\(DemoText.seconds(took)) since the first was sent)"
        case .audited(let partitions, let took):
            return "audited    \(partitions) partitions: nothing lost, nothing twice (\(DemoText.seconds(took)))"
        case .analyzed(let users, let took):
            return "analyzed   \(DemoText.number(users)) users (\(DemoText.seconds(took)))"
        case .reported(let path, let took):
            return "reported   \(path) (\(DemoText.seconds(took)))"
        }
    }
}
