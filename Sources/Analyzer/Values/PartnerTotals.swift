/// What one partner gave and took.
package struct PartnerTotals: Equatable, Sendable, Codable {
    package let partner: String
    /// Behaviours and the rewards for them.
    package let rewards: EventTotals
    /// Prizes and their prices.
    package let prizes: EventTotals
    /// Users who earned with this partner.
    package let earners: Int
}
