import Audit
import PlainText

/// How exactly the pipeline filed what the source sent, and how well the analysis found its personas.
package struct ScoreReport: Hashable, Sendable, Encodable {
    /// One topic, or all of them together.
    package struct Records: Hashable, Sendable, Encodable {
        package internal(set) var topic: String
        /// Records that the source knows to be acknowledged.
        package internal(set) var acknowledged: Int64 = 0
        /// Records that are nowhere: retention, a power cut or a missing line took them.
        package internal(set) var lost: Int64 = 0
        /// Lines beyond those that were filed.
        package internal(set) var doubled: Int64 = 0
        /// Records that are in the topic and not filed yet.
        package internal(set) var late: Int64 = 0
        /// Records that were set aside and are JSON, or are not JSON and were filed.
        package internal(set) var wronglyDeadLettered: Int64 = 0
        /// Users, hours and partitions whose counts, sums or lines are not what the source knows.
        package internal(set) var usersDiffering: Int64 = 0
        package internal(set) var hoursDiffering: Int64 = 0
        package internal(set) var partitionsDiffering: Int64 = 0
        /// Bad records that the source sent, by kind.
        package internal(set) var dirt: [String: Int64]?
        /// Whether all of it could be judged: no run's numbers are missing, and nothing is in flight.
        package internal(set) var isJudged = true

        var differing: Int64 { usersDiffering + hoursDiffering + partitionsDiffering }

        /// Of the acknowledged records, those that are where they belong, in percent; those in flight are not yet.
        package var percent: Double {
            let wrong = lost + doubled + late + wronglyDeadLettered
            return acknowledged == 0 ? 100 : 100 * max(0, 1 - Double(wrong) / Double(acknowledged))
        }
    }

    /// Whether every bound holds.
    package let holds: Bool
    /// The bounds that do not, in words.
    package let failures: [String]
    package let total: Records
    package let topics: [Records]
    /// `nil`: there were no personas, or no analysis.
    package let personas: PersonaMatch?
    /// How many troubles the audit found; `hera audit` names them.
    package let troubles: Int
    package let notes: [String]

    init(_ audit: AuditReport, _ personas: PersonaMatch?, _ bounds: ScoreBounds, notes: [String]) {
        topics = audit.truth.map { Records($0, audit.partitions.filter { [topic = $0.topic] in $0.topic == topic }) }
        var total = topics.reduce(into: Records(topic: "all")) { $0 += $1 }
        total.isJudged = topics.allSatisfy(\.isJudged)
        self.total = total
        self.personas = personas
        troubles = audit.troubles.count
        failures = bounds.failures(total, personas)
        holds = failures.isEmpty
        self.notes = notes + (total.isJudged ? [] : ["not all of it could be judged; `hera audit` says why"])
    }
}

extension ScoreReport.Records {
    init(_ truth: TopicTruthReport, _ partitions: [PartitionReport]) {
        self.init(topic: truth.topic)
        acknowledged = truth.acknowledged
        let deadLettered = partitions.reduce(0) { $0 + $1.deadLettered }
        // Files that nothing is known about say neither that lines are missing nor that there are too many.
        let known = partitions.filter { $0.uncheckedFiles == 0 }
        lost = partitions.reduce(0) { $0 + $1.lost } + max(0, truth.acknowledged - truth.produced)
        lost += known.reduce(0) { $0 + max(0, $1.filed + $1.filedEarlier - $1.lines) }
        doubled = known.reduce(0) { $0 + max(0, $1.lines - $1.filed - $1.filedEarlier) }
        late = partitions.reduce(0) { $0 + $1.inFlight }
        let foreign = truth.foreign ?? .max
        if deadLettered > truth.broken {
            wronglyDeadLettered = max(0, deadLettered - truth.broken - min(foreign, deadLettered))
        } else if late == 0, foreign == 0 {
            wronglyDeadLettered = truth.broken - deadLettered
        }
        usersDiffering = Int64(truth.usersDiffering)
        hoursDiffering = Int64(truth.hoursDiffering ?? 0)
        partitionsDiffering = Int64(truth.partitionsDiffering ?? 0)
        dirt = truth.dirt
        isJudged = truth.holds != nil
    }

    static func += (left: inout Self, right: Self) {
        left.acknowledged += right.acknowledged
        left.lost += right.lost
        left.doubled += right.doubled
        left.late += right.late
        left.wronglyDeadLettered += right.wronglyDeadLettered
        left.usersDiffering += right.usersDiffering
        left.hoursDiffering += right.hoursDiffering
        left.partitionsDiffering += right.partitionsDiffering
        guard let dirt = right.dirt else { return }
        left.dirt = (left.dirt ?? [:]).merging(dirt, uniquingKeysWith: +)
    }

    private enum CodingKeys: String, CodingKey {
        case topic, acknowledged, percent, lost, doubled, late, wronglyDeadLettered, usersDiffering, hoursDiffering
        case partitionsDiffering, dirt, isJudged
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(topic, forKey: .topic)
        try fields.encode(acknowledged, forKey: .acknowledged)
        try fields.encode(percent, forKey: .percent)
        try fields.encode(lost, forKey: .lost)
        try fields.encode(doubled, forKey: .doubled)
        try fields.encode(late, forKey: .late)
        try fields.encode(wronglyDeadLettered, forKey: .wronglyDeadLettered)
        try fields.encode(usersDiffering, forKey: .usersDiffering)
        try fields.encode(hoursDiffering, forKey: .hoursDiffering)
        try fields.encode(partitionsDiffering, forKey: .partitionsDiffering)
        try fields.encodeIfPresent(dirt, forKey: .dirt)
        try fields.encode(isJudged, forKey: .isJudged)
    }
}

/// What a score has to reach.
package struct ScoreBounds: Hashable, Sendable {
    package var lostMax: Int64 = 0
    package var doubledMax: Int64 = 0
    /// `nil`: records may be in flight.
    package var lateMax: Int64?
    package var wronglyDeadLetteredMax: Int64 = 0
    package var differingMax: Int64 = 0
    /// `nil`: the segments are not judged.
    package var randMin: Double?

    package init() {}

    func failures(_ records: ScoreReport.Records, _ personas: PersonaMatch?) -> [String] {
        var found: [String] = []
        func check(_ count: Int64, _ most: Int64?, _ option: String, _ one: String, _ many: String) {
            guard let most, count > most else { return }
            found.append("\(NumberText.count(Int(count), one, many)), and \(option) is \(most)")
        }
        check(records.lost, lostMax, "--max-lost", "record is lost", "records are lost")
        check(records.doubled, doubledMax, "--max-doubled", "line is doubled", "lines are doubled")
        check(records.late, lateMax, "--max-late", "record is not filed yet", "records are not filed yet")
        check(
            records.wronglyDeadLettered,
            wronglyDeadLetteredMax,
            "--max-wrong",
            "record is wrongly dead-lettered, or wrongly not",
            "records are wrongly dead-lettered, or wrongly not"
        )
        check(
            records.differing,
            differingMax,
            "--max-differing",
            "user, hour or partition has other sums or lines",
            "users, hours or partitions have other sums or lines"
        )
        if let randMin {
            let index = personas?.randIndex
            let words = index.map { "the adjusted Rand index is \(ScoreReport.index($0))" }
            if index ?? -1 < randMin || index == nil {
                found.append("\(words ?? "there is no adjusted Rand index"), and --min-rand is \(randMin)")
            }
        }
        return found
    }
}

extension ScoreReport {
    static func index(_ value: Double) -> String { NumberText.decimal(value, decimals: 3) }

    /// The score as text.
    package var text: String {
        let rows = (topics + [total]).map { each in
            [
                each.topic, NumberText.whole(each.acknowledged), NumberText.percent(each.percent),
                NumberText.whole(each.lost), NumberText.whole(each.doubled), NumberText.whole(each.late),
                NumberText.whole(each.wronglyDeadLettered), NumberText.whole(each.differing),
                each.isJudged ? "" : "not judged whole",
            ]
        }
        let head = ["topic", "sent", "right", "lost", "doubled", "late", "wrong letters", "differing", ""]
        var lines = TextTable(head, rows, rightAligned: .columns(1..<head.count - 1)).lines
        if let dirt = total.dirt {
            let kinds = dirt.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            let words = kinds.map { "\($0.key) \(NumberText.whole($0.value))" }.joined(separator: ", ")
            lines += ["", "Bad records among them: \(words)."]
        }
        if let personas {
            lines += ["", Self.words(personas)]
        }
        if troubles > 0 {
            let words = NumberText.count(troubles, "trouble")
            lines += ["", "The audit finds \(words); `hera audit` names \(troubles == 1 ? "it" : "them")."]
        }
        lines += notes.isEmpty ? [] : [""] + notes
        lines +=
            failures.isEmpty
            ? ["", "The score holds."] : ["", "The score does not hold:"] + failures.map { "  " + $0 }
        // Names of topics and kinds are from outside.
        return lines.map { PrintableText.escaping($0) }.joined(separator: "\n")
    }

    private static func words(_ match: PersonaMatch) -> String {
        guard let index = match.randIndex else { return "Segments and personas: too few users have both." }
        return "Segments and personas: adjusted Rand index \(self.index(index)), of "
            + "\(NumberText.count(match.users, "user")) in \(NumberText.count(match.segments, "segment")) and "
            + "\(NumberText.count(match.personas, "persona")); \(NumberText.whole(match.withoutSegment)) have no segment."
    }
}
