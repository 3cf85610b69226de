/// A moment on a wall clock somewhere: the fields of a date and a time of day, in the proleptic Gregorian calendar.
struct LocalTime: Hashable, Sendable {
    let year: Int
    /// 1…12.
    let month: Int
    /// 1…31.
    let day: Int
    /// Days since 1970-01-01, negative before.
    let dayNumber: Int64
    /// 0…86,399,999.
    let millisecondOfDay: Int64

    /// - Parameter milliseconds: since 1970-01-01T00:00 on that wall clock.
    init(milliseconds: Int64) {
        let (day, rest) = Self.floorDivide(milliseconds, by: Self.dayMilliseconds)
        dayNumber = day
        millisecondOfDay = rest
        (year, month, self.day) = Self.date(ofDay: day)
    }

    static let dayMilliseconds: Int64 = 86_400_000

    var hour: Int { Int(millisecondOfDay / 3_600_000) }
    var minute: Int { Int(millisecondOfDay / 60_000 % 60) }
    var second: Int { Int(millisecondOfDay / 1000 % 60) }
    var millisecond: Int { Int(millisecondOfDay % 1000) }

    /// 1 is Monday, 7 Sunday (ISO 8601).
    var dayOfWeek: Int { Int(Self.floorDivide(dayNumber + 3, by: 7).remainder) + 1 }

    /// 1…366.
    var dayOfYear: Int { Int(dayNumber - Self.dayNumber(year: year, month: 1, day: 1)) + 1 }

    /// The year and number of the week (ISO 8601): the year is that of the week's Thursday.
    var week: (year: Int, number: Int) {
        let thursday = dayNumber - Int64(dayOfWeek) + 4
        let year = Self.date(ofDay: thursday).year
        return (year, Int((thursday - Self.dayNumber(year: year, month: 1, day: 1)) / 7) + 1)
    }

    /// Quotient and remainder by a positive divisor, the remainder never negative.
    static func floorDivide(_ number: Int64, by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = number.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    /// Counts days in years that begin in March, so that the leap day is the last of its year.
    private static func dayNumber(year: Int, month: Int, day: Int) -> Int64 {
        let shifted = Int64(month <= 2 ? year - 1 : year)
        let (era, yearOfEra) = floorDivide(shifted, by: 400)
        let dayOfYear = Int64((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1)
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func date(ofDay number: Int64) -> (year: Int, month: Int, day: Int) {
        let (era, dayOfEra) = floorDivide(number + 719_468, by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = Int(shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9)
        let day = Int(dayOfYear - (153 * shiftedMonth + 2) / 5) + 1
        return (Int(yearOfEra + era * 400) + (month <= 2 ? 1 : 0), month, day)
    }
}
