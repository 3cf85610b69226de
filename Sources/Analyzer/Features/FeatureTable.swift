import Analysis
import ExactValues

/// One row a user, as columns: everything the analysis knows of users. Sorted by `id_utente`, bytewise.
///
/// A user has a record in `utenti` or an event in `comportamenti` or `premi`. Of several records the last in
/// the order of files and lines counts. Without a record, or without a usable field in it, sex, age and province are
/// unknown.
struct FeatureTable: Sendable {
    /// What one partner gave and took, one entry a user.
    struct PartnerColumns: Sendable {
        let name: String
        /// Sum of rewards, in hundredths of a token, and their number.
        let earned: [Int64]
        let behaviours: [Int32]
        /// Sum of prices, in hundredths of a token, and their number.
        let spent: [Int64]
        let prizes: [Int32]
    }

    let ids: [String]
    /// Whether the user has a record in `utenti`.
    let hasRecord: [Bool]
    /// Index into `sexNames`; `nil` is unknown.
    let sexes: [Int32?]
    let sexNames: [String]
    /// In years.
    let ages: [Int16?]
    /// Index into `provinceNames`.
    let provinces: [Int32?]
    let provinceNames: [String]
    /// Sorted by name; at most ``Limits/partnersMax`` and those of ``CategoryName``.
    let partners: [PartnerColumns]
    /// `TOT_tk_guadagnati` and `TOT_tk_spesi`, in hundredths of a token.
    let earned: [Int64]
    let spent: [Int64]
    let behaviours: [Int32]
    let prizes: [Int32]

    /// How many users there are.
    var count: Int { ids.count }

    /// Tokens left, in hundredths; below zero where the files lack earlier rewards.
    func balance(_ user: Int) -> Int64 { earned[user] - spent[user] }

    /// `<PARTNER>_FIDELITY(%)`: the part of a user's tokens that a partner gave, 0–100; `nil` for a user who earned nothing.
    func fidelity(_ user: Int, partner: Int) -> Double? {
        earned[user] > 0 ? 100 * Double(partners[partner].earned[user]) / Double(earned[user]) : nil
    }
}

extension FeatureTable {
    /// The rows of all users, made one by one as they are asked for.
    func rows(segmentOfUser: [Int32]) -> UserRows {
        UserRows {
            var next = 0
            return { () async throws(AnalysisError) -> UserRow? in
                guard next < count else { return nil }
                defer { next += 1 }
                return row(next, segment: Int(segmentOfUser[next]))
            }
        }
    }

    private func row(_ user: Int, segment: Int) -> UserRow {
        UserRow(
            id: ids[user],
            segment: segment,
            sex: sexes[user].map { sexNames[Int($0)] },
            age: ages[user].map(Int.init),
            province: provinces[user].map { provinceNames[Int($0)] },
            partners: partners.map { partner in
                UserRow.ByPartner(
                    rewards: EventTotals(
                        count: Int(partner.behaviours[user]),
                        amount: TokenAmount(hundredths: partner.earned[user])
                    ),
                    prizes: EventTotals(
                        count: Int(partner.prizes[user]),
                        amount: TokenAmount(hundredths: partner.spent[user])
                    )
                )
            }
        )
    }
}

extension FeatureTable {
    /// Puts the sums of a scan into a fixed order: users, partners and categories sorted by name.
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
