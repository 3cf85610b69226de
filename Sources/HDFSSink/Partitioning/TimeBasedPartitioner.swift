/// Puts a record into the directory of its time, as the partitioner of the same name of Confluent's sinks does: the
/// moment is rounded down to `partition.duration.ms` on the zone's wall clock, then written in `path.format`.
///
/// On the day that daylight saving ends, the repeated hour has one directory for both; on the day it begins, the
/// skipped hour has none.
package struct TimeBasedPartitioner: Sendable {
    /// The moments that have a directory: the years 1 to 9999, less a day at both ends, so that the wall clock of every zone
    /// shows one of these years. In milliseconds since 1970-01-01T00:00Z.
    package static let moments: ClosedRange<Int64> = -62_135_510_400_000...253_402_214_400_000

    private let format: PathFormat
    private let symbols: CalendarSymbols?
    /// The clocks of the zone.
    package let clock: ZoneClock
    private let durationMilliseconds: Int64
    /// How long a directory lasts on the wall clock: no shorter than the pattern tells apart.
    private let spanMilliseconds: Int64
    /// Records come nearly in the order of their time: most belong where the last one did.
    private var last: (span: Range<Int64>, directory: String) = (0..<0, "")

    /// - Parameters:
    ///   - pathFormat: Joda-Time's letters, such as `YYYY/MM/dd/HH`.
    ///   - locale: the language of names in it, such as `fr-FR`.
    ///   - timeZone: a name of the IANA table.
    ///   - durationMilliseconds: `partition.duration.ms`, 1 to a day.
    /// - Throws: ``PartitionerError`` that names the wrong setting.
    package init(
        pathFormat: String,
        locale: String,
        timeZone: String,
        durationMilliseconds: Int64
    ) throws(PartitionerError) {
        guard (1...LocalTime.dayMilliseconds).contains(durationMilliseconds) else {
            throw .badDuration(durationMilliseconds)
        }
        format = try PathFormat(pathFormat)
        // Every command checks the sink's settings, and ICU's tables take megabytes and milliseconds.
        _ = try CalendarSymbols.identifier(ofLocale: locale)
        symbols = format.hasNames ? try CalendarSymbols(locale: locale) : nil
        clock = try ZoneClock(timeZone: timeZone)
        self.durationMilliseconds = durationMilliseconds
        spanMilliseconds = max(durationMilliseconds, format.resolutionMilliseconds)
    }

    /// The directory, below the topic's, of a record with this timestamp, in milliseconds since 1970-01-01T00:00Z.
    ///
    /// - Precondition: the timestamp is one of ``moments``.
    package mutating func directory(at milliseconds: Int64) -> String {
        if !last.span.contains(milliseconds) { last = find(milliseconds) }
        return last.directory
    }

    /// A span around this moment, `[start, end)` in milliseconds since 1970, in which the directory is the same. It
    /// ends where the directory's hour (day, …) does, or at a change of the zone's clock.
    package mutating func span(at milliseconds: Int64) -> Range<Int64> {
        if !last.span.contains(milliseconds) { last = find(milliseconds) }
        return last.span
    }

    private func find(_ milliseconds: Int64) -> (span: Range<Int64>, directory: String) {
        let offset = clock.offsetMilliseconds(at: milliseconds)
        let local = milliseconds + offset
        let rounded = local - LocalTime.floorDivide(local, by: durationMilliseconds).remainder
        let surroundings = PathFormat.Surroundings(
            offsetSeconds: Int(offset / 1000),
            zoneName: clock.name,
            symbols: symbols
        )
        let path = format.path(of: LocalTime(milliseconds: rounded), surroundings)

        // A span that a multiple of the duration does not fill would let the rounding cross its end.
        let length = spanMilliseconds % durationMilliseconds == 0 ? spanMilliseconds : durationMilliseconds
        let start = local - LocalTime.floorDivide(local, by: length).remainder - offset
        // A change of the clock within the span cuts it: the other part has another offset.
        let lower = clock.offsetMilliseconds(at: start) == offset ? start : change(between: start, and: milliseconds)
        let last = start + length - 1
        let upper = clock.offsetMilliseconds(at: last) == offset ? last + 1 : change(between: milliseconds, and: last)
        return (lower..<upper, path)
    }

    /// The first moment after `early` that has the offset of `late`: the one change of the clocks between them.
    private func change(between early: Int64, and late: Int64) -> Int64 {
        let after = clock.offsetMilliseconds(at: late)
        var (early, late) = (early, late)
        while late - early > 1 {
            let middle = early + (late - early) / 2
            if clock.offsetMilliseconds(at: middle) == after { late = middle } else { early = middle }
        }
        return late
    }
}

/// A partitioner that cannot be made from its settings: which setting, why, what to write instead.
package struct PartitionerError: Error, Equatable, CustomStringConvertible {
    /// The key of the wrong setting.
    package let key: String
    /// What is wrong with it, and what to write instead.
    package let message: String

    package var description: String { "\(key): \(message)" }

    static func unknownLetter(_ letter: Character, in format: String) -> PartitionerError {
        PartitionerError(
            key: "path.format",
            message: "'\(letter)' in '\(format)' is not a letter of Joda-Time; put literal text in single quotes, "
                + "such as 'year='YYYY/'month='MM"
        )
    }

    static func openQuote(in format: String) -> PartitionerError {
        PartitionerError(key: "path.format", message: "a single quote in '\(format)' is never closed")
    }

    static func badPath(_ format: String, _ reason: String) -> PartitionerError {
        PartitionerError(key: "path.format", message: "'\(format)' \(reason); an example is YYYY/MM/dd/HH")
    }

    static func unknownTimeZone(_ name: String) -> PartitionerError {
        PartitionerError(
            key: "timezone",
            message: "'\(name)' is not a time zone; use a name of the IANA table, such as Europe/Rome or UTC"
        )
    }

    static func unknownLocale(_ name: String) -> PartitionerError {
        PartitionerError(
            key: "locale",
            message: "'\(name)' is not a locale; use a language and a country, such as it-IT or en-US"
        )
    }

    static func badDuration(_ milliseconds: Int64) -> PartitionerError {
        PartitionerError(
            key: "partition.duration.ms",
            message: "\(milliseconds) is not the duration of a directory; an hour is 3600000"
        )
    }
}
