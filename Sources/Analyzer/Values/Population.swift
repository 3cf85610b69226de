package import Community

/// The whole community in a few numbers.
package struct Population: Equatable, Sendable, Codable {
    /// Whoever has a record in `utenti` or an event.
    package let users: Int
    /// Users with events but no record in `utenti`: their sex, age and province are unknown.
    package let usersWithoutRecord: Int
    /// Rows of `utenti` that a later row of the same user replaced.
    package let replacedRecords: Int
    /// Users who earned something.
    package let earners: Int
    /// Users who spent something.
    package let spenders: Int
    /// Users who spent more than the files say they earned.
    package let usersBelowZero: Int
    /// `comportamenti` and their rewards.
    package let behaviours: EventTotals
    /// `premi` and their prices.
    package let prizes: EventTotals
    /// Mean of the known ages, in years.
    package let meanAge: Double?

    /// Tokens that users still hold.
    package var balance: TokenAmount { behaviours.amount - prizes.amount }
}
