/// A company of the community: it rewards behaviours, gives prizes, and brings users in.
package enum Partner: UInt8, CaseIterable, Sendable {
    case hera
    case conad
    case camst

    /// The company's name as it is in the events.
    package var name: String {
        switch self {
        case .hera: "HERA"
        case .conad: "CONAD"
        case .camst: "CAMST"
        }
    }

    /// What the ids of the users begin with whom this company brought in.
    package var idPrefix: String {
        switch self {
        case .hera: "HE"
        case .conad: "CO"
        case .camst: "CA"
        }
    }
}
