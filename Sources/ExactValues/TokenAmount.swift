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
