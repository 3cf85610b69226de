import Foundation

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

    /// - Parameter locale: a language, and a country behind `-` or `_`; an empty text is English.
    /// - Throws: if there is no such language.
    init(locale name: String) throws(PartitionerError) {
        let identifier = name.isEmpty ? "en" : name.replacingOccurrences(of: "_", with: "-")
        let language = identifier.prefix { $0 != "-" }.lowercased()
        guard Locale.LanguageCode(language).isISOLanguage else { throw .unknownLocale(name) }
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
