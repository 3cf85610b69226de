/// A partitioner that cannot be made from its settings: which setting, why, what to write instead.
package struct PartitionerError: Error, Equatable, CustomStringConvertible {
    /// The setting at fault, by its key.
    package let key: String
    /// For a person.
    package let message: String

    package var description: String { "\(key): \(message)" }

    static func unknownLetter(_ letter: Character, in format: String) -> PartitionerError {
        PartitionerError(
            key: "path.format",
            message: "'\(letter)' in '\(format)' is no letter of Joda-Time; put literal text in single quotes, "
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
            message: "'\(name)' is no time zone; use a name of the IANA table, such as Europe/Rome or UTC"
        )
    }

    static func unknownLocale(_ name: String) -> PartitionerError {
        PartitionerError(
            key: "locale",
            message: "'\(name)' is no locale; use a language and a country, such as it-IT or en-US"
        )
    }

    static func badDuration(_ milliseconds: Int64) -> PartitionerError {
        PartitionerError(
            key: "partition.duration.ms",
            message: "\(milliseconds) is no duration of a directory; an hour is 3600000"
        )
    }
}
