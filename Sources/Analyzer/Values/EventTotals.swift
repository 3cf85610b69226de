package import Community

/// How many events, and the tokens they moved.
package struct EventTotals: Hashable, Sendable, Codable {
    package var count: Int
    /// Sum of their rewards or prices, in tk.
    package var amount: TokenAmount

    package static let zero = EventTotals(count: 0, amount: .zero)

    package init(count: Int, amount: TokenAmount) {
        self.count = count
        self.amount = amount
    }

    package mutating func add(_ other: EventTotals) {
        count += other.count
        amount = amount + other.amount
    }
}
