import ArgumentParser
import Community
import DataSource
import KafkaClient
import PlainText

/// A length of time on the command line: a whole number with `ms`, `s`, `m`, `h`, `d` or `w`.
struct TimeSpan: ExpressibleByArgument {
    let value: Duration

    private init(_ value: Duration) {
        self.value = value
    }

    init?(argument: String) {
        guard let value = Duration(text: argument) else { return nil }
        self.init(value)
    }

    var defaultValueDescription: String { value.shortText }

    static func seconds(_ count: Int) -> TimeSpan { TimeSpan(.seconds(count)) }
}

extension CalendarDate: ExpressibleByArgument {
    package init?(argument: String) {
        self.init(argument)
    }

    package var defaultValueDescription: String { description }
}

extension ClosedRange<Int> {
    /// Throws a usage error where the value of `option` is given and not one of these.
    func check(_ option: String, _ value: Int?) throws(ValidationError) {
        guard let value, !contains(value) else { return }
        throw ValidationError("\(option) is \(value); it is a number from \(lowerBound) to \(upperBound)")
    }
}

extension ProducerConfiguration.Acknowledgements: ExpressibleByArgument {}
