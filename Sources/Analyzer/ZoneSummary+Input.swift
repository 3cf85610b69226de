import Analysis
import Community
import ExactValues

extension ZoneSummary {
    var input: InputSummary {
        let topics = RawZoneTopic.allCases.map { topic in
            let files = scan.files.filter { zone.files[$0.index].topic == topic }
            return InputSummary.Topic(
                topic: topic,
                files: files.count,
                bytes: files.reduce(0) { $0 + $1.bytes },
                rows: files.reduce(0) { $0 + $1.rows },
                badLines: files.reduce(0) { $0 + $1.badLines }
            )
        }
        let folds = [foldedPartners, kinds.fold, sexes.fold, provinces.fold].compactMap { $0 }
        return InputSummary(
            topicsDirectory: topicsDirectory,
            topics: topics,
            badLines: scan.firstBadLines(),
            badLineCauses: badLineCauses,
            unknownFields: unknownFields,
            folds: folds,
            rowsWithoutTime: scan.files.reduce(0) { $0 + (zone.files[$1.index].hour == nil ? $1.rows : 0) },
            notices: topicNotices(topics) + unknownNotices + folds.map(Self.notice) + userNotices
        )
    }

    private var badLineCauses: [InputSummary.BadLineCause] {
        scan.badCauses.map { cause, lines in
            InputSummary.BadLineCause(topic: cause.topic, reason: cause.reason, lines: lines)
        }
        .sorted { left, right in
            (left.topic.index, right.lines, ExactText(left.reason))
                < (right.topic.index, left.lines, ExactText(right.reason))
        }
    }

    private var unknownFields: [InputSummary.UnknownField] {
        scan.unknownCauses
            .sorted { left, right in
                (left.key.topic.index, left.key.field, left.key.problem)
                    < (right.key.topic.index, right.key.field, right.key.problem)
            }
            .map { cause, rows in
                InputSummary.UnknownField(
                    topic: cause.topic,
                    field: cause.topic.fields[cause.field].name,
                    reason: cause.problem.rawValue,
                    rows: rows
                )
            }
    }

    private func topicNotices(_ topics: [InputSummary.Topic]) -> [String] {
        topics.filter { $0.rows == 0 }.map { topic in
            let name = topic.topic.rawValue
            return zone.missingTopics.contains(topic.topic)
                ? "The topic \(name) has no directory in the raw zone: its numbers are zero."
                : "The topic \(name) has no readable row in the raw zone: its numbers are zero."
        }
    }

    /// One sentence a topic.
    private var unknownNotices: [String] {
        RawZoneTopic.allCases.compactMap { topic in
            let fields = unknownFields.filter { $0.topic == topic }
            guard !fields.isEmpty else { return nil }
            let causes = fields.map { "\($0.field) \($0.reason) (\($0.rows))" }.joined(separator: ", ")
            return "Rows of \(topic.rawValue) that count with a field unknown: \(causes)."
        }
    }

    private static func notice(_ fold: Fold) -> String {
        "There are more values of \(fold.field) than are listed: the \(fold.values) least frequent ones, with "
            + "\(fold.rows) \(fold.rows == 1 ? "row" : "rows"), are counted together as \(CategoryName.other)."
    }

    private var userNotices: [String] {
        let population = population
        var notices: [String] = []
        if population.usersWithoutRecord > 0 {
            notices.append(
                "Users with events but no record in utenti, whose age, sex and province are unknown: "
                    + "\(population.usersWithoutRecord)."
            )
        }
        if population.replacedRecords > 0 {
            notices.append(
                "Rows of utenti that a later row of the same user replaced: \(population.replacedRecords)."
            )
        }
        if population.usersBelowZero > 0 {
            notices.append(
                "Users who spent more than they earned in these files, so that earlier rewards are probably missing: "
                    + "\(population.usersBelowZero)."
            )
        }
        return notices
    }
}

extension RawZoneTopic {
    /// Its place in `allCases`.
    fileprivate var index: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
