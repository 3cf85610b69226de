import Community
import GroundTruth
import PlainText

/// What a source hid on purpose among users and events, as its ground truth tells it: what an analysis may find.
package struct PlantedSummary: Sendable, Encodable {
    /// Users of one persona.
    package struct PersonaUsers: Sendable, Encodable {
        package let name: String
        package let users: Int
    }

    /// Records that are bad in one way.
    package struct BadRecords: Sendable, Encodable {
        package let kind: String
        package let records: Int
        /// What becomes of them: `filed`, `filtered` or `dead-lettered`.
        package let outcome: String
    }

    /// Empty: none.
    package let personas: [PersonaUsers]
    /// Empty: none.
    package let dirt: [BadRecords]

    init(_ truth: GroundTruth) {
        var users: [Int: Int] = [:]
        for user in truth.users { if let persona = user.persona { users[persona, default: 0] += 1 } }
        personas = (truth.personas ?? []).enumerated().map { index, name in
            PersonaUsers(name: name, users: users[index + 1] ?? 0)
        }
        dirt = Dirt.allCases.compactMap { kind in
            let records = truth.topics.flatMap { $0.dirt ?? [] }.filter { $0.kind == kind.name }
                .reduce(0) { $0 + $1.acknowledged.count }
            return records == 0 ? nil : BadRecords(kind: kind.name, records: records, outcome: kind.outcome.rawValue)
        }
    }

    /// The same as sentences of a report.
    var notices: [String] {
        var notices: [String] = []
        if !personas.isEmpty {
            let groups = personas.map { "\($0.name) (\(NumberText.count($0.users, "user")))" }
            notices.append(
                "This demo planted personas among its users, for the segments to find: \(NumberText.list(groups))."
            )
        }
        if !dirt.isEmpty {
            let kinds = dirt.map { "\(NumberText.whole($0.records)) \($0.kind) (\($0.outcome))" }
            notices.append("This demo planted bad records among its events: \(NumberText.list(kinds)).")
        }
        return notices
    }

    /// A paragraph for users and one for events; empty where nothing was hidden.
    var text: String {
        var text = ""
        if !personas.isEmpty {
            let table = TextTable(
                nil,
                personas.map { ["   ", $0.name, NumberText.count($0.users, "user")] },
                rightAligned: .columns(2..<3)
            )
            text += "\nPlanted among them, for the segments to find, \(NumberText.count(personas.count, "persona")):\n"
            text += table.lines.joined(separator: "\n") + "\n"
        }
        if !dirt.isEmpty {
            let table = TextTable(
                nil,
                dirt.map { ["   ", $0.kind, NumberText.whole($0.records), $0.outcome] },
                rightAligned: .columns(2..<3)
            )
            let total = dirt.reduce(0) { $0 + $1.records }
            text += "\nPlanted among the events, \(NumberText.count(total, "bad record")):\n"
            text += table.lines.joined(separator: "\n") + "\n"
        }
        return text
    }
}
