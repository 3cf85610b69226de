/// What one user earned and spent, in 20 bytes: a community of a million users must stay small.
///
/// 32 bits hold 42 million tokens. No user comes near: users keep joining, so that after `n` records one of them has
/// taken part in about `6 log n`.
package struct Account: Equatable, Sendable {
    /// Who brought the user in.
    package let partner: Partner
    /// Rewarded behaviours.
    package internal(set) var earnedCount: UInt32 = 0
    /// Their rewards, in hundredths of a token.
    package internal(set) var earnedHundredths: UInt32 = 0
    /// Prizes bought.
    package internal(set) var spentCount: UInt32 = 0
    /// Their prices, in hundredths of a token.
    package internal(set) var spentHundredths: UInt32 = 0

    init(partner: Partner) {
        self.partner = partner
    }

    /// What the user can spend, in hundredths of a token. Traps where more was spent than earned: balances are never
    /// below zero.
    package var balanceHundredths: UInt32 { earnedHundredths - spentHundredths }
}
