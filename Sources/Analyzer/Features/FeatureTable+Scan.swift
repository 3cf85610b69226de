extension FeatureTable {
    /// Brings what was gathered into its fixed order: users, partners and categories sorted by name.
    init(_ scan: ZoneScan) {
        let users = scan.users.sortedNumbers()
        let partnerOrder = scan.partners.sortedNumbers()
        let (sexNames, sexCodes) = Self.ranked(scan.sexes)
        let (provinceNames, provinceCodes) = Self.ranked(scan.provinces)
        let partners = partnerOrder.map { partner in
            let columns = scan.partnerScans[partner]
            return PartnerColumns(
                name: scan.partners[partner],
                earned: Self.ordered(columns.earned, by: users),
                behaviours: Self.ordered(columns.behaviours, by: users),
                spent: Self.ordered(columns.spent, by: users),
                prizes: Self.ordered(columns.prizes, by: users)
            )
        }
        self.init(
            ids: users.map { scan.users[$0] },
            hasRecord: users.map { scan.records[$0] != nil },
            sexes: users.map { Self.code(scan.records[$0]?.sex, sexCodes) },
            sexNames: sexNames,
            ages: users.map { scan.records[$0].flatMap { $0.age < 0 ? nil : $0.age } },
            provinces: users.map { Self.code(scan.records[$0]?.province, provinceCodes) },
            provinceNames: provinceNames,
            partners: partners,
            earned: Self.total(partners.map(\.earned), users.count),
            spent: Self.total(partners.map(\.spent), users.count),
            behaviours: Self.total(partners.map(\.behaviours), users.count),
            prizes: Self.total(partners.map(\.prizes), users.count)
        )
    }

    /// Names in order, and for each number of the table its place in that order.
    private static func ranked(_ table: StringTable) -> (names: [String], codes: [Int32]) {
        let order = table.sortedNumbers()
        var codes = [Int32](repeating: 0, count: order.count)
        for (rank, number) in order.enumerated() { codes[number] = Int32(rank) }
        return (order.map { table[$0] }, codes)
    }

    private static func code(_ number: Int32?, _ codes: [Int32]) -> Int32? {
        guard let number, number >= 0 else { return nil }
        return codes[Int(number)]
    }

    private static func ordered<Number: FixedWidthInteger>(_ column: [Number], by users: [Int]) -> [Number] {
        users.map { $0 < column.count ? column[$0] : 0 }
    }

    private static func total<Number: FixedWidthInteger>(_ columns: [[Number]], _ count: Int) -> [Number] {
        var sums = [Number](repeating: 0, count: count)
        for column in columns {
            for index in sums.indices { sums[index] += column[index] }
        }
        return sums
    }
}
