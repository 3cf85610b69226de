import PlainText

/// An hour (or a day) of the calendar as the raw zone's directories name it: in the sink's time zone, without one.
package struct CalendarHour: Hashable, Comparable, Sendable, Codable {
    package let year: Int
    package let month: Int
    package let day: Int
    /// 0–23; `nil` where the directories go down to days only.
    package let hour: Int?

    package init(year: Int, month: Int, day: Int, hour: Int?) {
        self.year = year
        self.month = month
        self.day = day
        self.hour = hour
    }

    /// Reads `YYYY/MM/dd/HH` or `YYYY/MM/dd` from the first directories below a topic; `nil` for any other layout.
    package init?(directories: some Collection<Substring>) {
        var numbers: [Int] = []
        for (width, name) in zip([4, 2, 2, 2], directories) {
            guard name.utf8.count == width, name.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(name)
            else { break }
            numbers.append(number)
        }
        guard numbers.count >= 3, (1...12).contains(numbers[1]), (1...31).contains(numbers[2]) else { return nil }
        let hour = numbers.count == 4 ? numbers[3] : nil
        if let hour, hour > 23 { return nil }
        self.init(year: numbers[0], month: numbers[1], day: numbers[2], hour: hour)
    }

    /// Days since 1970-01-01; negative before.
    package var dayNumber: Int { CalendarDate.dayNumber(year: year, month: month, day: day) }

    /// The day `dayNumber`, without an hour.
    package init(dayNumber: Int) {
        let date = CalendarDate(dayNumber: dayNumber)
        self.init(year: date.year, month: date.month, day: date.day, hour: nil)
    }

    /// The same day without its hour.
    package var wholeDay: CalendarHour { CalendarHour(year: year, month: month, day: day, hour: nil) }

    package static func < (left: CalendarHour, right: CalendarHour) -> Bool {
        (left.year, left.month, left.day, left.hour ?? -1) < (right.year, right.month, right.day, right.hour ?? -1)
    }
}
