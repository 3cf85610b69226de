internal import Foundation

/// An amount of tokens (tk), exact to the hundredth. In JSON it is a number of tk: 1.75.
///
/// Source, audit and analyzer share this type, and so the rule what an event's amount may be: a JSON number that is a
/// whole number of hundredths from 0 to 1,000,000,000 tk, however it is written (`1.6`, `1.60`, `16e-1`, `-0`). A
/// string is not a number. See ``JSONDecimal`` for digits beyond the 15th.
package struct TokenAmount: Hashable, Comparable, Sendable, Codable, AdditiveArithmetic {
    /// The amount in hundredths of a token.
    package var hundredths: Int64

    package init(hundredths: Int64) {
        self.hundredths = hundredths
    }

    package static let zero = TokenAmount(hundredths: 0)
    /// Most tokens of one event. Ninety million such events fit a sum.
    package static let eventMax = TokenAmount(hundredths: 100_000_000_000)

    /// Reads an event's amount from the text of a JSON number.
    package init(json text: UnsafeRawBufferPointer) throws(FieldProblem) {
        guard let number = JSONDecimal(text) else { throw .notNumber }
        switch number.scaled(byPowerOfTen: 2) {
        case .whole(let hundredths): try self.init(ofEvent: hundredths)
        case .fraction: throw .moreThanTwoDecimals
        case .tooLarge: throw .amountOutOfRange
        }
    }

    /// An event's amount in whole tokens.
    init(tokens: Int64) throws(FieldProblem) {
        let (hundredths, overflow) = tokens.multipliedReportingOverflow(by: 100)
        if overflow { throw .amountOutOfRange }
        try self.init(ofEvent: hundredths)
    }

    private init(ofEvent hundredths: Int64) throws(FieldProblem) {
        guard (0...Self.eventMax.hundredths).contains(hundredths) else { throw .amountOutOfRange }
        self.hundredths = hundredths
    }

    /// The amount in tokens; exact up to 2⁵³ hundredths.
    package var tokens: Double { Double(hundredths) / 100 }

    package static func < (left: TokenAmount, right: TokenAmount) -> Bool { left.hundredths < right.hundredths }
    package static func + (left: TokenAmount, right: TokenAmount) -> TokenAmount {
        TokenAmount(hundredths: left.hundredths + right.hundredths)
    }
    package static func - (left: TokenAmount, right: TokenAmount) -> TokenAmount {
        TokenAmount(hundredths: left.hundredths - right.hundredths)
    }

    /// Reads a sum, which may be of any size and sign.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        var scaled = try container.decode(Decimal.self) * 100
        var rounded = Decimal()
        // A program that read the numbers as doubles may have written them again.
        NSDecimalRound(&rounded, &scaled, 0, .plain)
        guard let hundredths = Int64(rounded.description) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an amount of tokens")
        }
        self.hundredths = hundredths
    }

    /// Writes all digits: a `Double` would round sums beyond 2⁵³ hundredths.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(Decimal(hundredths) / 100)
    }
}
