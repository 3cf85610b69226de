import Analysis
import Community
import ExactValues
import Storage

/// The tables and totals of an analysis, out of what was read.
struct ZoneSummary {
    let zone: RawZone
    let scan: ZoneScan
    let table: FeatureTable
    let foldedPartners: Fold?

    /// Most hours that the timeline has an entry each for, twelve days; beyond it has one a day.
    static let hoursMax = 288

    var population: Population {
        let known = table.ages.compactMap { $0 }
        let records = table.hasRecord.count { $0 }
        return Population(
            users: table.count,
            usersWithoutRecord: table.count - records,
            replacedRecords: scan.userRows - records,
            earners: table.earned.count { $0 > 0 },
            spenders: table.spent.count { $0 > 0 },
            usersBelowZero: (0..<table.count).count { table.balance($0) < 0 },
            behaviours: Self.totals(table.behaviours, table.earned),
            prizes: Self.totals(table.prizes, table.spent),
            meanAge: known.isEmpty ? nil : Double(known.reduce(0) { $0 + Int($1) }) / Double(known.count)
        )
    }

    var timeline: [TimelineEntry] {
        var entries: [CalendarHour: TimelineEntry] = [:]
        let placed = scan.files.compactMap { file in
            zone.files[file.index].hour.map { (hour: $0, topic: zone.files[file.index].topic, rows: file.rows) }
        }
        let days = placed.map(\.hour.dayNumber)
        let span = ((days.max() ?? 0) - (days.min() ?? 0) + 1) * 24
        let isByDay = span > Self.hoursMax || placed.contains { $0.hour.hour == nil }
        for file in placed {
            let time = isByDay ? file.hour.wholeDay : file.hour
            var entry = entries[time] ?? TimelineEntry(time: time, users: 0, behaviours: 0, prizes: 0)
            switch file.topic {
            case .utenti: entry.users += file.rows
            case .comportamenti: entry.behaviours += file.rows
            case .premi: entry.prizes += file.rows
            }
            entries[time] = entry
        }
        return entries.values.sorted { $0.time < $1.time }
    }

    var partners: [PartnerTotals] {
        table.partners.map { partner in
            PartnerTotals(
                partner: partner.name,
                rewards: Self.totals(partner.behaviours, partner.earned),
                prizes: Self.totals(partner.prizes, partner.spent),
                earners: partner.earned.count { $0 > 0 }
            )
        }
    }

    /// Beyond ``Limits/categoriesMax`` the least frequent are added up by topic and partner.
    var kinds: (totals: [KindTotals], fold: Fold?) {
        let all = scan.kindTotals.map { key, totals in
            KindTotals(
                topic: key.topic,
                partner: scan.partners[key.partner],
                name: scan.kinds[key.name],
                totals: totals
            )
        }
        guard all.count > Limits.categoriesMax else { return (all.sorted(by: Self.precedes), nil) }
        let ranked = all.sorted { left, right in
            left.totals.count == right.totals.count
                ? Self.precedes(left, right) : left.totals.count > right.totals.count
        }
        var totals = Array(ranked.prefix(Limits.categoriesMax))
        var others: [RawZoneTopic: [ExactText: EventTotals]] = [:]
        let rest = ranked.dropFirst(Limits.categoriesMax)
        for kind in rest {
            others[kind.topic, default: [:]][ExactText(kind.partner), default: .zero].add(kind.totals)
        }
        for (topic, partners) in others {
            for (partner, sums) in partners {
                totals.append(
                    KindTotals(topic: topic, partner: partner.string, name: CategoryName.other, totals: sums)
                )
            }
        }
        let rows = rest.reduce(0) { $0 + $1.totals.count }
        return (
            totals.sorted(by: Self.precedes),
            Fold(field: "comportamento and premio", values: rest.count, rows: rows)
        )
    }

    private static func precedes(_ left: KindTotals, _ right: KindTotals) -> Bool {
        (left.topic.rawValue, ExactText(left.partner), ExactText(left.name))
            < (right.topic.rawValue, ExactText(right.partner), ExactText(right.name))
    }

    func topUsers(_ count: Int) -> [UserTotals] {
        let best = (0..<table.count).filter { table.earned[$0] > 0 }
            .sorted { (table.earned[$1], $0) < (table.earned[$0], $1) }.prefix(count)
        return best.map { user in
            UserTotals(
                id: table.ids[user],
                earned: TokenAmount(hundredths: table.earned[user]),
                spent: TokenAmount(hundredths: table.spent[user]),
                partners: table.partners.compactMap { partner in
                    guard partner.behaviours[user] + partner.prizes[user] > 0 else { return nil }
                    return UserTotals.ByPartner(
                        partner: partner.name,
                        rewards: Self.totals([partner.behaviours[user]], [partner.earned[user]]),
                        prizes: Self.totals([partner.prizes[user]], [partner.spent[user]])
                    )
                }
            )
        }
    }

    var ages: [AgeBand] {
        var counts: [Int: Int] = [:]
        for age in table.ages.compactMap({ $0 }) { counts[Int(age) / AgeBand.width, default: 0] += 1 }
        guard let first = counts.keys.min(), let last = counts.keys.max() else { return [] }
        return (first...last).map { AgeBand(from: $0 * AgeBand.width, users: counts[$0] ?? 0) }
    }

    var sexes: (counts: [CategoryCount], fold: Fold?) { counts("Sesso", table.sexes, table.sexNames) }
    var provinces: (counts: [CategoryCount], fold: Fold?) {
        counts("Provincia", table.provinces, table.provinceNames)
    }

    /// Users who have a record, by a field of it: the largest first, those of unknown value among them. Beyond
    /// ``Limits/categoriesMax`` the smallest are one entry.
    private func counts(
        _ field: String,
        _ codes: [Int32?],
        _ names: [String]
    ) -> (counts: [CategoryCount], fold: Fold?) {
        var counts = [Int](repeating: 0, count: names.count)
        var unknown = 0
        for (user, code) in codes.enumerated() where table.hasRecord[user] {
            if let code { counts[Int(code)] += 1 } else { unknown += 1 }
        }
        var all = zip(names, counts).filter { $0.1 > 0 }.map { CategoryCount(name: $0, users: $1) }
        if unknown > 0 { all.append(CategoryCount(name: CategoryName.unknown, users: unknown)) }
        let ranked = all.sorted { ($1.users, ExactText($0.name)) < ($0.users, ExactText($1.name)) }
        let rest = ranked.dropFirst(Limits.categoriesMax)
        guard !rest.isEmpty else { return (ranked, nil) }
        let users = rest.reduce(0) { $0 + $1.users }
        return (
            ranked.prefix(Limits.categoriesMax) + [CategoryCount(name: CategoryName.other, users: users)],
            Fold(field: field, values: rest.count, rows: users)
        )
    }

    private static func totals(_ counts: [Int32], _ amounts: [Int64]) -> EventTotals {
        EventTotals(
            count: counts.reduce(0) { $0 + Int($1) },
            amount: TokenAmount(hundredths: amounts.reduce(0, +))
        )
    }
}

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
            topicsDirectory: zone.directory.string,
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
