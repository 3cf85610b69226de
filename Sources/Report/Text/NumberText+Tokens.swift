import ExactValues
import PlainText

/// Amounts of tokens.
extension NumberText {
    /// An amount with its unit, exact: `1,234.50 tk`.
    static func tokens(_ amount: TokenAmount) -> String {
        decimal(amount) + "\u{A0}tk"
    }

    /// An amount without its unit, for columns whose head names it: `1,234.50`.
    static func decimal(_ amount: TokenAmount) -> String {
        let (units, rest) = amount.hundredths.magnitude.quotientAndRemainder(dividingBy: 100)
        let sign = amount.hundredths < 0 ? "-" : ""
        return sign + whole(units) + (rest < 10 ? ".0" : ".") + String(rest)
    }

    /// An amount to the token, for sentences: `1,235 tk`.
    static func roundTokens(_ amount: TokenAmount) -> String {
        decimal(amount.tokens, decimals: 0) + "\u{A0}tk"
    }
}
