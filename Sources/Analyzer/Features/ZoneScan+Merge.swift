import Analysis

extension ZoneScan {
    /// Adds what another worker gathered.
    mutating func absorb(_ other: ZoneScan) throws(AnalysisError) {
        let newUsers = users.intern(all: other.users)
        guard users.count <= Limits.usersMax else { throw .tooManyUsers }
        records.append(contentsOf: repeatElement(nil, count: users.count - records.count))
        let newSexes = sexes.intern(all: other.sexes)
        let newProvinces = provinces.intern(all: other.provinces)
        for (user, record) in other.records.enumerated() {
            guard let record else { continue }
            let translated = UserRecord(
                sex: record.sex < 0 ? record.sex : Int32(newSexes[Int(record.sex)]),
                age: record.age,
                province: record.province < 0 ? record.province : Int32(newProvinces[Int(record.province)]),
                place: record.place
            )
            replace(newUsers[user], translated)
        }
        userRows += other.userRows
        absorbEvents(of: other, newUsers: newUsers)
        files.append(contentsOf: other.files)
        badLines.append(contentsOf: other.badLines)
        badCauses.merge(other.badCauses, uniquingKeysWith: +)
        unknownCauses.merge(other.unknownCauses, uniquingKeysWith: +)
    }

    private mutating func absorbEvents(of other: ZoneScan, newUsers: [Int]) {
        let newPartners = partners.intern(all: other.partners)
        hasTooManyPartners = hasTooManyPartners || other.hasTooManyPartners || isPartnersFull
        let newKinds = kinds.intern(all: other.kinds)
        while partnerScans.count < partners.count { partnerScans.append(PartnerScan()) }
        for (partner, scan) in other.partnerScans.enumerated() {
            let target = newPartners[partner]
            for (user, count) in scan.behaviours.enumerated() where count > 0 {
                partnerScans[target].addBehaviours(count, earning: scan.earned[user], user: newUsers[user])
            }
            for (user, count) in scan.prizes.enumerated() where count > 0 {
                partnerScans[target].addPrizes(count, spending: scan.spent[user], user: newUsers[user])
            }
        }
        for (key, totals) in other.kindTotals {
            let translated = KindKey(topic: key.topic, partner: newPartners[key.partner], name: newKinds[key.name])
            kindTotals[translated, default: .zero].add(totals)
        }
    }

    /// The first bad lines of all, in the order of files and lines.
    func firstBadLines() -> [BadLine] {
        badLines.sorted { ($0.file, $0.line.line) < ($1.file, $1.line.line) }
            .prefix(Limits.badLinesNamed).map(\.line)
    }
}
