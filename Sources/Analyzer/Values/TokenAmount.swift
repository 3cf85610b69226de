/// An amount of tokens (tk), exact to the hundredth. In JSON it is a number of tk: 1.75.
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

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let scaled = (try container.decode(Double.self) * 100).rounded()
        guard let hundredths = Int64(exactly: scaled) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an amount of tokens")
        }
        self.hundredths = hundredths
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(tokens)
    }
}
