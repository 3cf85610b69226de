import Analysis
import Testing

@Suite struct CalendarHourTests {
    /// Directories below a topic, and the time they name.
    static let layouts: [(String, CalendarHour?)] = [
        ("2021/03/24/11", CalendarHour(year: 2021, month: 3, day: 24, hour: 11)),
        ("2021/03/24", CalendarHour(year: 2021, month: 3, day: 24, hour: nil)),
        ("2021/03/24/11/30", CalendarHour(year: 2021, month: 3, day: 24, hour: 11)),
        ("2021/03/24/x", CalendarHour(year: 2021, month: 3, day: 24, hour: nil)),
        ("2021/3/24/11", nil), ("2021/13/24/11", nil), ("2021/03/32/11", nil), ("2021/03/24/24", nil),
        ("year=2021/month=03", nil), ("", nil), ("2021/03", nil),
    ]

    @Test(arguments: layouts)
    func directoriesNameTheHour(path: String, expected: CalendarHour?) {
        #expect(CalendarHour(directories: path.split(separator: "/")) == expected)
    }

    @Test func dayNumbersRunThroughLeapYears() {
        let start = CalendarHour(year: 1999, month: 12, day: 31, hour: nil).dayNumber
        var expected = CalendarHour(year: 1999, month: 12, day: 31, hour: nil)
        let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        for number in start..<(start + 150_000) {
            let day = CalendarHour(dayNumber: number)
            guard day == expected, day.dayNumber == number else {
                Issue.record("\(number): \(day) and not \(expected)")
                return
            }
            let isLeap = day.year % 4 == 0 && (day.year % 100 != 0 || day.year % 400 == 0)
            let length = lengths[day.month - 1] + (isLeap && day.month == 2 ? 1 : 0)
            let isMonthOver = day.day == length
            let isYearOver = isMonthOver && day.month == 12
            expected = CalendarHour(
                year: day.year + (isYearOver ? 1 : 0),
                month: isYearOver ? 1 : day.month + (isMonthOver ? 1 : 0),
                day: isMonthOver ? 1 : day.day + 1,
                hour: nil
            )
        }
    }

    @Test func hoursSortWithinTheirDay() {
        let day = CalendarHour(year: 2021, month: 3, day: 24, hour: nil)
        let hours = [23, 0, 9].map { CalendarHour(year: 2021, month: 3, day: 24, hour: $0) }
        #expect((hours + [day]).sorted().map(\.hour) == [nil, 0, 9, 23])
    }
}
