/// What each user earned and spent with one partner, while files are read. Columns reach as far as the last user that
/// has an entry; beyond is zero.
struct PartnerScan: Sendable {
    /// Rewards in hundredths, and how many.
    private(set) var earned: [Int64] = []
    private(set) var behaviours: [Int32] = []
    /// Prices in hundredths, and how many.
    private(set) var spent: [Int64] = []
    private(set) var prizes: [Int32] = []

    mutating func addBehaviours(_ count: Int32, earning amount: Int64, user: Int) {
        Self.reach(user, &earned, &behaviours)
        earned[user] += amount
        behaviours[user] += count
    }

    mutating func addPrizes(_ count: Int32, spending amount: Int64, user: Int) {
        Self.reach(user, &spent, &prizes)
        spent[user] += amount
        prizes[user] += count
    }

    private static func reach(_ user: Int, _ amounts: inout [Int64], _ counts: inout [Int32]) {
        guard user >= amounts.count else { return }
        let missing = user + 1 - amounts.count
        amounts.append(contentsOf: repeatElement(0, count: missing))
        counts.append(contentsOf: repeatElement(0, count: missing))
    }
}
