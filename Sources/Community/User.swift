package import PlainText

/// What the community knows of a user.
package struct UserProfile: Equatable, Sendable {
    package let id: UserID
    package let sex: Sex
    package let birthDate: CalendarDate
    /// Full years at the reference date of the run, 18…90.
    package let age: Int
    package let province: Province
}

/// A user's id: the prefix of the partner who brought the user in, `_`, and a running number from 1: `HE_123`.
///
/// Users of all partners are numbered in one sequence; records without a user take no number.
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

/// A user's sex, as it is in the events.
package enum Sex: UInt8, CaseIterable, Sendable {
    case male
    case female

    /// One letter.
    package var code: String {
        switch self {
        case .male: "M"
        case .female: "F"
        }
    }
}

/// The province a user lives in.
package enum Province: UInt8, CaseIterable, Sendable {
    case bologna
    case modena
    case reggioEmilia
    case parma

    /// Its code as it is in the events.
    package var code: String {
        switch self {
        case .bologna: "BO"
        case .modena: "MO"
        case .reggioEmilia: "RE"
        case .parma: "PAR"
        }
    }
}
