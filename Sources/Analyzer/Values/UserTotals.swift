package import Community

/// What one user earned and spent with each partner that he has events of.
package struct UserTotals: Equatable, Sendable, Codable {
    /// With one partner.
    package struct ByPartner: Equatable, Sendable, Codable {
        package let partner: String
        package let rewards: EventTotals
        package let prizes: EventTotals
    }

    package let id: String
    package let earned: TokenAmount
    package let spent: TokenAmount
    package let partners: [ByPartner]
}
