package import Community

/// A group of users who are alike. (Not a segment of a log.)
package struct CustomerSegment: Equatable, Sendable, Codable {
    /// The mean of one partner's share of its users' earnings.
    package struct Fidelity: Equatable, Sendable, Codable {
        package let partner: String
        /// Percent.
        package let mean: Double
    }

    /// 1 is the largest.
    package let number: Int
    /// A few words that tell it from the others.
    package let name: String
    /// What its users do, in a sentence or two.
    package let description: String
    package let users: Int
    /// Percent of all segmented users.
    package let share: Double
    /// Tokens that its users earned and spent together.
    package let earned: TokenAmount
    package let spent: TokenAmount
    /// Means per user: events, and years of age where known.
    package let meanBehaviours: Double
    package let meanPrizes: Double
    package let meanAge: Double?
    /// One entry a partner, sorted by partner.
    package let fidelity: [Fidelity]

    /// Mean of `TOT_tk_guadagnati`, in tk.
    package var meanEarned: Double { earned.tokens / Double(max(1, users)) }
    /// Mean of `TOT_tk_spesi`, in tk.
    package var meanSpent: Double { spent.tokens / Double(max(1, users)) }
}
