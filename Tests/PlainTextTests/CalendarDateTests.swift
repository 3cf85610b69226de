import PlainText
import Testing

@Suite struct CalendarDateTests {
    /// Right: days since 1970-01-01 by Python's `datetime.date`.
    @Test(arguments: [
        ("1970-01-01", 0), ("1969-12-31", -1), ("2000-02-29", 11_016), ("2021-03-24", 18_710), ("1900-03-01", -25_508),
        ("0001-01-01", -719_162), ("9999-12-31", 2_932_896),
    ])
    func datesHaveTheirDayNumbers(_ text: String, _ number: Int) throws {
        let date = try #require(CalendarDate(text))
        #expect(date.dayNumber == number)
        #expect(CalendarDate(dayNumber: number) == date)
        #expect(date.description == text)
    }

    @Test func everyDayOfEightHundredYearsComesBack() {
        var last = CalendarDate(dayNumber: -146_098)
        for number in -146_097..<146_097 {
            let date = CalendarDate(dayNumber: number)
            guard date.dayNumber == number, date > last else {
                Issue.record("day \(number) is \(date) after \(last)")
                return
            }
            last = date
        }
    }

    @Test(arguments: [
        "", "2021", "2021-3-24", "2021-13-01", "2021-00-01", "2021-02-29", "1900-02-29", "2021-04-31", "2021-03-24 ",
        "+021-03-24", "2021/03/24", "0000-01-01", "２０２１-03-24",
    ])
    func textThatIsNotADateIsRefused(_ text: String) {
        #expect(CalendarDate(text) == nil)
    }

    @Test(arguments: [
        ("2000-03-24", "2021-03-24", 21), ("2000-03-25", "2021-03-24", 20), ("2000-02-29", "2021-02-28", 20),
        ("2000-02-29", "2021-03-01", 21), ("2003-03-24", "2021-03-24", 18),
    ])
    func ageIsInFullYears(_ birth: String, _ day: String, _ age: Int) throws {
        #expect(try #require(CalendarDate(birth)).age(on: #require(CalendarDate(day))) == age)
    }

    /// Expected: `isocalendar()` and `tm_yday` of Python's `datetime.date`.
    @Test(arguments: [
        ("1970-01-01", 4, 1, 1970, 1), ("2021-01-01", 5, 1, 2020, 53), ("2020-12-31", 4, 366, 2020, 53),
        ("2024-12-30", 1, 365, 2025, 1), ("1900-12-31", 1, 365, 1901, 1), ("2000-02-29", 2, 60, 2000, 9),
        ("0001-01-01", 1, 1, 1, 1),
    ])
    func weeksFollowISO8601(_ text: String, weekday: Int, dayOfYear: Int, weekYear: Int, week: Int) throws {
        let date = try #require(CalendarDate(text))
        #expect(date.weekday == weekday)
        #expect(date.dayOfYear == dayOfYear)
        #expect(date.week.year == weekYear)
        #expect(date.week.number == week)
    }
}
