import Analysis
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

/// Days and hours in words.
enum CalendarText {
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// `24 Mar`.
    static func day(_ time: CalendarHour) -> String { "\(time.day)\u{A0}\(months[time.month - 1])" }

    /// `24 Mar 2021`.
    static func fullDay(_ time: CalendarHour) -> String { "\(day(time))\u{A0}\(time.year)" }

    /// `09:00`, empty for a whole day.
    static func hour(_ time: CalendarHour) -> String {
        time.hour.map { ($0 < 10 ? "0" : "") + "\($0):00" } ?? ""
    }

    /// The last minute of an hour: `09:59`, empty for a whole day.
    static func hourEnd(_ time: CalendarHour) -> String {
        time.hour.map { ($0 < 10 ? "0" : "") + "\($0):59" } ?? ""
    }

    /// `24 Mar 2021, 09:00`, or the day alone.
    static func full(_ time: CalendarHour) -> String {
        time.hour == nil ? fullDay(time) : "\(fullDay(time)), \(hour(time))"
    }
}
