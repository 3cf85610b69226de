/// A user's id: the prefix of the partner who brought the user in, `_`, and a running number from 1: `HE_123`.
///
/// The number runs over all users, whoever brought them in; records without a user take no number.
package struct UserID: Hashable, Sendable, CustomStringConvertible {
    package let partner: Partner
    /// From 1.
    package let number: UInt32

    package init(partner: Partner, number: UInt32) {
        self.partner = partner
        self.number = number
    }

    package var description: String { "\(partner.idPrefix)_\(number)" }
}
