import Analysis

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
