/// The tables and totals of an analysis, out of what was read.
struct ZoneSummary {
    let zone: RawZone
    let topicsDirectory: String
    let scan: ZoneScan
    let table: FeatureTable

    /// Most hours that the timeline has an entry each for; beyond it has one a day.
    static let hoursMax = 96

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
        return InputSummary(
            topicsDirectory: topicsDirectory,
            topics: topics,
            badLines: scan.firstBadLines(),
            rowsWithoutTime: scan.files.reduce(0) { $0 + (zone.files[$1.index].hour == nil ? $1.rows : 0) },
            notices: notices(topics)
        )
    }

    private func notices(_ topics: [InputSummary.Topic]) -> [String] {
        var notices: [String] = []
        for topic in topics where topic.rows == 0 {
            let name = topic.topic.rawValue
            notices.append(
                zone.missingTopics.contains(topic.topic)
                    ? "The topic \(name) has no directory in the raw zone: its numbers are zero."
                    : "The topic \(name) has no readable row in the raw zone: its numbers are zero."
            )
        }
        let population = population
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

    var population: Population {
        let known = table.ages.compactMap { $0 }
        return Population(
            users: table.count,
            usersWithoutRecord: table.count - known.count,
            replacedRecords: scan.userRows - known.count,
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

    var kinds: [KindTotals] {
        let kinds = scan.kindTotals.map { key, totals in
            KindTotals(
                topic: key.topic,
                partner: scan.partners[key.partner],
                name: scan.kinds[key.name],
                totals: totals
            )
        }
        return kinds.sorted { left, right in
            (left.topic.rawValue, left.partner, left.name) < (right.topic.rawValue, right.partner, right.name)
        }
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

    var sexes: [CategoryCount] { Self.counts(table.sexes, table.sexNames) }
    var provinces: [CategoryCount] { Self.counts(table.provinces, table.provinceNames) }

    /// The largest first.
    private static func counts(_ codes: [Int32?], _ names: [String]) -> [CategoryCount] {
        var counts = [Int](repeating: 0, count: names.count)
        for case let code? in codes { counts[Int(code)] += 1 }
        return zip(names, counts).filter { $0.1 > 0 }.map { CategoryCount(name: $0, users: $1) }
            .sorted { ($1.users, $0.name) < ($0.users, $1.name) }
    }

    private static func totals(_ counts: [Int32], _ amounts: [Int64]) -> EventTotals {
        EventTotals(
            count: counts.reduce(0) { $0 + Int($1) },
            amount: TokenAmount(hundredths: amounts.reduce(0, +))
        )
    }
}
