/// Moments as text.
package enum TimeText {
    private static let dayMilliseconds: Int64 = 86_400_000

    /// A moment in UTC to the second (ISO 8601): `2021-03-24T11:00:00Z`.
    ///
    /// - Parameter milliseconds: since 1970-01-01T00:00Z.
    package static func utc(milliseconds: Int64) -> String {
        var (day, time) = milliseconds.quotientAndRemainder(dividingBy: dayMilliseconds)
        if time < 0 { (day, time) = (day - 1, time + dayMilliseconds) }
        let seconds = time / 1_000
        let parts = [seconds / 3_600, seconds / 60 % 60, seconds % 60].map { ($0 < 10 ? "0" : "") + String($0) }
        return "\(CalendarDate(dayNumber: Int(day)))T\(parts.joined(separator: ":"))Z"
    }
}
