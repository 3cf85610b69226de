import PlainText

extension PathFormat {
    /// What a path is made of beside the time: the zone at that moment, and names in a language.
    struct Surroundings {
        let offsetSeconds: Int
        let zoneName: String
        let symbols: CalendarSymbols
    }

    /// The path of a moment.
    func path(of time: LocalTime, _ surroundings: Surroundings) -> String {
        var path = ""
        for field in fields {
            switch field {
            case .literal(let text):
                path += text
            case .number(.fractionOfSecond, let width):
                path += Self.fraction(time.millisecond, digits: width)
            case .number(let letter, let width):
                path += Self.padded(Self.number(letter, time), to: width)
            case .shortYear(let letter):
                let lastDigits = LocalTime.floorDivide(Int64(Self.number(letter, time)), by: 100).remainder
                path += Self.padded(Int(lastDigits), to: 2)
            case .text(let letter, let isLong):
                path += Self.text(letter, isLong: isLong, time, surroundings.symbols)
            case .zoneOffset(let letters):
                path += Self.zone(letters: letters, surroundings)
            }
        }
        return path
    }

    private static func number(_ letter: Letter, _ time: LocalTime) -> Int {
        switch letter {
        case .year: time.date.year
        case .yearOfEra: time.date.year > 0 ? time.date.year : 1 - time.date.year
        case .centuryOfEra: (time.date.year > 0 ? time.date.year : 1 - time.date.year) / 100
        case .weekYear: time.date.week.year
        case .weekOfWeekYear: time.date.week.number
        case .dayOfWeek: time.date.weekday
        case .dayOfYear: time.date.dayOfYear
        case .month: time.date.month
        case .dayOfMonth: time.date.day
        case .hour: time.hour
        case .clockHour: time.hour == 0 ? 24 : time.hour
        case .hourOfHalfDay: time.hour % 12
        case .clockHourOfHalfDay: time.hour % 12 == 0 ? 12 : time.hour % 12
        case .minute: time.minute
        case .second: time.second
        case .fractionOfSecond: time.millisecond
        case .era, .dayOfWeekText, .halfDay, .zone:
            preconditionFailure("PathFormat: '\(letter.rawValue)' is no number")
        }
    }

    private static func text(_ letter: Letter, isLong: Bool, _ time: LocalTime, _ symbols: CalendarSymbols) -> String {
        switch letter {
        case .month: (isLong ? symbols.months : symbols.shortMonths)[time.date.month - 1]
        case .dayOfWeekText: (isLong ? symbols.daysOfWeek : symbols.shortDaysOfWeek)[time.date.weekday - 1]
        case .halfDay: symbols.halfDays[time.hour / 12]
        case .era: symbols.eras[time.date.year > 0 ? 1 : 0]
        default: preconditionFailure("PathFormat: '\(letter.rawValue)' is no text")
        }
    }

    private static func zone(letters: Int, _ surroundings: Surroundings) -> String {
        guard letters < 3 else { return surroundings.zoneName }
        let seconds = abs(surroundings.offsetSeconds)
        let sign = surroundings.offsetSeconds < 0 ? "-" : "+"
        let separator = letters == 1 ? "" : ":"
        return sign + padded(seconds / 3600, to: 2) + separator + padded(seconds / 60 % 60, to: 2)
    }

    /// The first `digits` digits behind the decimal point.
    private static func fraction(_ milliseconds: Int, digits: Int) -> String {
        let three = padded(milliseconds, to: 3)
        return digits <= 3 ? String(three.prefix(digits)) : three + String(repeating: "0", count: digits - 3)
    }

    private static func padded(_ number: Int, to width: Int) -> String {
        let digits = String(abs(number))
        let zeros = String(repeating: "0", count: max(0, width - digits.count))
        return (number < 0 ? "-" : "") + zeros + digits
    }
}
