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
