/// The pattern of a directory's name, in Joda-Time's letters (`DateTimeFormat`).
///
/// Note its years: `YYYY` is the year of era and `yyyy` the year, both the calendar's; the year of the week is `xxxx`.
/// So 31 December stays in its own year. Text in single quotes is literal, two of them are one; what is no letter
/// stands for itself.
struct PathFormat: Hashable, Sendable {
    /// What one run of a letter stands for.
    enum Field: Hashable, Sendable {
        case literal(String)
        case number(Letter, width: Int)
        /// A year of which two letters show the last two digits.
        case shortYear(Letter)
        case text(Letter, isLong: Bool)
        /// `Z`: +0100, `ZZ`: +01:00, more: the zone's name.
        case zoneOffset(letters: Int)
    }

    /// Joda-Time's letters, but for `z`, whose names differ from one table of zones to the next.
    enum Letter: Character, Sendable {
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

    let fields: [Field]

    /// - Throws: where a letter is unknown, a quote stays open, or no path comes out of it.
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

    /// The shortest time that the pattern tells apart, in milliseconds: a day where it says nothing finer.
    var resolutionMilliseconds: Int64 {
        fields.map { field -> Int64 in
            switch field {
            case .number(let letter, _): Self.resolution(letter)
            case .text(.halfDay, _): 43_200_000
            case .literal, .shortYear, .text, .zoneOffset: LocalTime.dayMilliseconds
            }
        }.min() ?? LocalTime.dayMilliseconds
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

    /// Names that start with `+`, `_` or `.` are hidden from those who read the zone.
    private static func problem(of format: String, _ fields: [Field]) -> String? {
        if fields.isEmpty { return "is empty" }
        let skeleton = fields.map(beginning).joined()
        for name in skeleton.split(separator: "/", omittingEmptySubsequences: false) {
            if name.isEmpty { return "has a directory without a name" }
            if name == "." || name == ".." { return "has '\(name)' for a directory" }
            if let first = name.first, "+_.".contains(first) { return "has a directory that starts with '\(first)'" }
        }
        return skeleton.contains("\0") ? "has a zero byte" : nil
    }
}
