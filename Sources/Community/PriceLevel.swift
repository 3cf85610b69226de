/// The prices there are. Each has its own set of users who can pay it (see ``EligibleUsers``).
package enum PriceLevel: UInt8, CaseIterable, Sendable {
    case five
    case ten

    /// The price in whole tokens, as it is in the events.
    package var tokens: UInt32 {
        switch self {
        case .five: 5
        case .ten: 10
        }
    }

    /// The price in hundredths of a token, as balances are kept.
    package var hundredths: UInt32 { tokens * 100 }
}
