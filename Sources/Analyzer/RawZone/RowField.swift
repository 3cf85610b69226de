/// A field that a row must have, and what it holds.
struct RowField: Equatable, Sendable {
    enum Kind: Equatable, Sendable {
        case text
        case integer
        /// A number with at most two digits behind the point, read as hundredths.
        case hundredths
    }

    let name: String
    let kind: Kind

    static func text(_ name: String) -> RowField { RowField(name: name, kind: .text) }
    static func integer(_ name: String) -> RowField { RowField(name: name, kind: .integer) }
    static func hundredths(_ name: String) -> RowField { RowField(name: name, kind: .hundredths) }
}
