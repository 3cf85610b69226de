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
