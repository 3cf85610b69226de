import Foundation
import PlainText
import Storage

/// The pattern of a directory's name, in Joda-Time's letters (`DateTimeFormat`).
///
/// Note its years: `YYYY` is the year of era and `yyyy` the year, both the calendar's; the year of the week is `xxxx`.
/// So 31 December stays in its own year. Text in single quotes is literal, two of them are one; any other
/// character stands for itself.
struct PathFormat: Hashable, Sendable {
    /// What one run of a letter stands for.
    private enum Field: Hashable, Sendable {
        case literal(String)
        case number(Letter, width: Int)
        /// A year of which two letters show the last two digits.
        case shortYear(Letter)
        case text(Letter, isLong: Bool)
        /// `Z`: +0100, `ZZ`: +01:00, more: the zone's name.
        case zoneOffset(letters: Int)
    }

    /// Joda-Time's letters, except `z`, whose names differ from one table of zones to the next.
    private enum Letter: Character, Sendable {
        case era = "G"
        case centuryOfEra = "C"
        case yearOfEra = "Y"
        case weekYear = "x"
        case weekOfWeekYear = "w"
        case dayOfWeek = "e"
        case dayOfWeekText = "E"
        case year = "y"
        case dayOfYear = "D"
        case month = "M"
        case dayOfMonth = "d"
        case halfDay = "a"
        case hourOfHalfDay = "K"
        case clockHourOfHalfDay = "h"
        case hour = "H"
        case clockHour = "k"
        case minute = "m"
        case second = "s"
        case fractionOfSecond = "S"
        case zone = "Z"
    }

    private let fields: [Field]

    /// - Throws: if a letter is unknown, a quote is not closed, or the result is not a path.
    init(_ format: String) throws(PartitionerError) {
        var fields: [Field] = []
        var rest = Substring(format)
        while let first = rest.first {
            if first == "'" {
                fields.append(.literal(try Self.quoted(&rest, in: format)))
            } else if first.isASCII, first.isLetter {
                let run = rest.prefix { $0 == first }
                rest = rest.dropFirst(run.count)
                guard let letter = Letter(rawValue: first) else { throw .unknownLetter(first, in: format) }
                fields.append(Self.field(letter, count: run.count))
            } else {
                let run = rest.prefix { $0 != "'" && !($0.isASCII && $0.isLetter) }
                rest = rest.dropFirst(run.count)
                fields.append(.literal(String(run)))
            }
        }
        self.fields = fields
        if let reason = Self.problem(of: format, fields) { throw .badPath(format, reason) }
    }

    /// The shortest time that the pattern distinguishes, in milliseconds: a day if nothing in it is finer.
    var resolutionMilliseconds: Int64 {
        fields.map { field -> Int64 in
            switch field {
            case .number(let letter, _): Self.resolution(letter)
            case .text(.halfDay, _): 43_200_000
            case .literal, .shortYear, .text, .zoneOffset: LocalTime.dayMilliseconds
            }
        }.min() ?? LocalTime.dayMilliseconds
    }

    /// Whether it has fields that a language has names for, such as months.
    var hasNames: Bool {
        fields.contains { if case .text = $0 { true } else { false } }
    }

    private static func resolution(_ letter: Letter) -> Int64 {
        switch letter {
        case .fractionOfSecond: 1
        case .second: 1000
        case .minute: 60_000
        case .hour, .clockHour, .hourOfHalfDay, .clockHourOfHalfDay: 3_600_000
        default: LocalTime.dayMilliseconds
        }
    }

    private static func field(_ letter: Letter, count: Int) -> Field {
        switch letter {
        case .era, .halfDay, .dayOfWeekText: .text(letter, isLong: count >= 4)
        case .month where count >= 3: .text(letter, isLong: count >= 4)
        case .year where count == 2, .yearOfEra where count == 2, .weekYear where count == 2: .shortYear(letter)
        case .zone: .zoneOffset(letters: count)
        default: .number(letter, width: count)
        }
    }

    /// The text of a quotation at the beginning of `rest`, which then begins behind it.
    private static func quoted(_ rest: inout Substring, in format: String) throws(PartitionerError) -> String {
        rest = rest.dropFirst()
        if rest.first == "'" {
            rest = rest.dropFirst()
            return "'"
        }
        var text = ""
        while let character = rest.popFirst() {
            if character != "'" {
                text.append(character)
            } else if rest.first == "'" {
                rest = rest.dropFirst()
                text.append("'")
            } else {
                return text
            }
        }
        throw .openQuote(in: format)
    }

    /// What a field's text begins with, as far as it matters to a name.
    private static func beginning(_ field: Field) -> String {
        switch field {
        case .literal(let text): text
        // The sign, which is `-` in the west.
        case .zoneOffset(let letters) where letters < 3: "+"
        case .number, .shortYear, .text, .zoneOffset: "0"
        }
    }

    private static func problem(of format: String, _ fields: [Field]) -> String? {
        if fields.isEmpty { return "is empty" }
        let skeleton = fields.map(beginning).joined()
        for name in skeleton.split(separator: "/", omittingEmptySubsequences: false) {
            if name.isEmpty { return "has a directory without a name" }
            if name == "." || name == ".." { return "has '\(name)' for a directory" }
            if ZoneNames.isHidden(String(name)) { return "has a directory that starts with '\(name.prefix(1))'" }
        }
        return skeleton.contains("\0") ? "has a zero byte" : nil
    }
}

extension PathFormat {
    /// What a path depends on besides the time: the zone at that moment, and names in a language.
    struct Surroundings {
        let offsetSeconds: Int
        let zoneName: String
        /// Needed only where ``PathFormat/hasNames``.
        let symbols: CalendarSymbols?
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
                guard let symbols = surroundings.symbols else {
                    preconditionFailure("PathFormat: no names for '\(letter.rawValue)'")
                }
                path += Self.text(letter, isLong: isLong, time, symbols)
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
            preconditionFailure("PathFormat: '\(letter.rawValue)' is not a number")
        }
    }

    private static func text(_ letter: Letter, isLong: Bool, _ time: LocalTime, _ symbols: CalendarSymbols) -> String {
        switch letter {
        case .month: (isLong ? symbols.months : symbols.shortMonths)[time.date.month - 1]
        case .dayOfWeekText: (isLong ? symbols.daysOfWeek : symbols.shortDaysOfWeek)[time.date.weekday - 1]
        case .halfDay: symbols.halfDays[time.hour / 12]
        case .era: symbols.eras[time.date.year > 0 ? 1 : 0]
        default: preconditionFailure("PathFormat: '\(letter.rawValue)' is not a text")
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

/// The names that a language has for months, days and the like, taken from the locale tables of the system's ICU.
struct CalendarSymbols: Hashable, Sendable {
    /// January first.
    let months: [String]
    let shortMonths: [String]
    /// Monday first, as ISO 8601 counts.
    let daysOfWeek: [String]
    let shortDaysOfWeek: [String]
    /// Before and after noon.
    let halfDays: [String]
    /// Before and in the common era.
    let eras: [String]

    /// The identifier of a locale.
    ///
    /// - Parameter name: a language, and a country behind `-` or `_`; an empty text is English.
    /// - Throws: if there is no such language.
    static func identifier(ofLocale name: String) throws(PartitionerError) -> String {
        let identifier = name.isEmpty ? "en" : name.replacingOccurrences(of: "_", with: "-")
        let language = identifier.prefix { $0 != "-" }.lowercased()
        guard Locale.LanguageCode(language).isISOLanguage else { throw .unknownLocale(name) }
        return identifier
    }

    /// - Parameter locale: as of ``identifier(ofLocale:)``.
    init(locale name: String) throws(PartitionerError) {
        let identifier = try Self.identifier(ofLocale: name)
        let formatter = DateFormatter()
        formatter.calendar = Calendar(identifier: .gregorian)
        formatter.locale = Locale(identifier: identifier)
        months = formatter.monthSymbols
        shortMonths = formatter.shortMonthSymbols
        daysOfWeek = Self.fromMonday(formatter.weekdaySymbols)
        shortDaysOfWeek = Self.fromMonday(formatter.shortWeekdaySymbols)
        halfDays = [formatter.amSymbol, formatter.pmSymbol]
        eras = formatter.eraSymbols
        let isWhole = months.count == 12 && shortMonths.count == 12 && daysOfWeek.count == 7 && eras.count == 2
        guard isWhole, shortDaysOfWeek.count == 7 else { throw .unknownLocale(name) }
    }

    private static func fromMonday(_ days: [String]) -> [String] {
        Array(days.dropFirst()) + days.prefix(1)
    }
}
