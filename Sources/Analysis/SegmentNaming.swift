import ExactValues

/// Puts into words how a segment differs from all segmented users.
package struct SegmentNaming {
    /// What is compared.
    package struct Profile {
        /// Means per user, in tk.
        package let earned: Double
        package let spent: Double
        /// Mean share of earnings by partner, in percent; the partners in one order for all profiles.
        package let fidelity: [(partner: String, mean: Double)]

        package init(earned: Double, spent: Double, fidelity: [(partner: String, mean: Double)]) {
            self.earned = earned
            self.spent = spent
            self.fidelity = fidelity
        }

        /// Tokens spent of one earned.
        var spentRatio: Double { earned > 0 ? spent / earned : 0 }
        /// Those of ``fidelity`` that can be named.
        var named: [(partner: String, mean: Double)] { fidelity.filter { !CategoryName.isReserved($0.partner) } }
        var leader: (partner: String, mean: Double)? { named.max { $0.mean < $1.mean } }
    }

    /// A partner that gives at least this percent of the earnings has the segment's loyalty.
    static let loyalPercent = 60.0
    /// A partner is rare that gives less than this percent, and less than half of what it gives to all users, unless
    /// that is hardly anything either.
    static let rarePercent = 20.0
    static let hardlyAnythingPercent = 10.0
    /// Earnings as a multiple of the mean: from these on they are high, above average; up to these below it, low.
    static let high = 1.75
    static let above = 1.15
    static let below = 0.85
    static let low = 0.5
    /// Spending of one token earned, as a multiple of that of all users: up to these little or almost none, from
    /// this on much.
    static let hardlySpends = 0.15
    static let spendsLittle = 0.7
    static let spendsMuch = 1.15

    /// Of all segmented users.
    private let all: Profile

    package init(all: Profile) {
        self.all = all
    }

    package func name(_ segment: Profile) -> String {
        "\(loyalty(segment)) \(level(segment))\(spendingTail(segment))"
    }

    package func description(_ segment: Profile) -> String {
        let earning = "They earn \(times(segment.earned, all.earned)) the average"
        return "\(earning), \(spendingSentence(segment)), and \(loyaltySentence(segment))."
    }

    private func loyalty(_ segment: Profile) -> String {
        guard let leader = segment.leader else { return "Unknown-partner" }
        if leader.mean >= Self.loyalPercent { return PartnerName.readable(leader.partner) + "-loyal" }
        let rare = Set(rarePartners(segment).map(ExactText.init))
        let usual = segment.named.filter { !rare.contains(ExactText($0.partner)) }.sorted { $0.mean > $1.mean }
        if !rare.isEmpty, usual.count == 2 {
            return usual.map { PartnerName.readable($0.partner) }.joined(separator: "-and-")
        }
        return "Mixed-partner"
    }

    private func loyaltySentence(_ segment: Profile) -> String {
        guard let leader = segment.leader else { return "no partner is known" }
        let first = PartnerName.readable(leader.partner)
        if leader.mean >= 99.5 { return "earn with \(first) alone" }
        if leader.mean >= Self.loyalPercent { return "earn mostly with \(first)" }
        let rare = rarePartners(segment).map(PartnerName.readable)
        return rare.isEmpty
            ? "earn with several partners, \(first) first"
            : "earn with \(first) first and seldom with \(rare.joined(separator: " or "))"
    }

    /// Partners that give this segment much less than they give to all users.
    private func rarePartners(_ segment: Profile) -> [String] {
        zip(segment.named, all.named).filter { own, all in
            all.mean >= Self.hardlyAnythingPercent && own.mean < min(Self.rarePercent, all.mean / 2)
        }.map(\.0.partner)
    }

    private func level(_ segment: Profile) -> String {
        let ratio = all.earned > 0 ? segment.earned / all.earned : 1
        return switch ratio {
        case Self.high...: "top earners"
        case Self.above..<Self.high: "above-average earners"
        case Self.below..<Self.above: "average earners"
        case Self.low..<Self.below: "below-average earners"
        default: "light earners"
        }
    }

    /// Spending of a token earned, relative to that of all users; `nil` if no user spends.
    private func spendingRatio(_ segment: Profile) -> Double? {
        all.spentRatio > 0 ? segment.spentRatio / all.spentRatio : nil
    }

    private func spendingTail(_ segment: Profile) -> String {
        guard let ratio = spendingRatio(segment) else { return "" }
        return switch ratio {
        case ...Self.hardlySpends: " who hardly spend"
        case ...Self.spendsLittle: " who seldom spend"
        case Self.spendsMuch...: " who like to spend"
        default: ""
        }
    }

    private func spendingSentence(_ segment: Profile) -> String {
        guard let ratio = spendingRatio(segment) else { return "spend nothing, as everybody" }
        let percent = Int((100 * segment.spentRatio).rounded())
        if percent == 0 { return "spend next to nothing of it" }
        return switch ratio {
        case ...Self.spendsLittle: "spend only \(percent)% of it"
        case Self.spendsMuch...: "spend as much as \(percent)% of it"
        default: "spend \(percent)% of it, much as everybody does"
        }
    }

    /// "2.1 times", "about".
    private func times(_ value: Double, _ average: Double) -> String {
        let tenths = average > 0 ? Int((10 * value / average).rounded()) : 10
        return tenths == 10 ? "about" : "\(tenths / 10).\(tenths % 10) times"
    }
}
