import PlainText

/// A moment on a wall clock of some time zone: a date and a time of day, in the proleptic Gregorian calendar.
struct LocalTime: Hashable, Sendable {
    let date: CalendarDate
    /// 0…86,399,999.
    let millisecondOfDay: Int64

    /// - Parameter milliseconds: since 1970-01-01T00:00 on that wall clock.
    init(milliseconds: Int64) {
        let (day, rest) = Self.floorDivide(milliseconds, by: Self.dayMilliseconds)
        date = CalendarDate(dayNumber: Int(day))
        millisecondOfDay = rest
    }

    static let dayMilliseconds: Int64 = 86_400_000

    var hour: Int { Int(millisecondOfDay / 3_600_000) }
    var minute: Int { Int(millisecondOfDay / 60_000 % 60) }
    var second: Int { Int(millisecondOfDay / 1000 % 60) }
    var millisecond: Int { Int(millisecondOfDay % 1000) }

    /// Quotient and remainder by a positive divisor, the remainder never negative.
    static func floorDivide(_ number: Int64, by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = number.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
