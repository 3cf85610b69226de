import ArgumentParser
import DataSource

/// A length of time on the command line: a whole number with `ms`, `s`, `m` or `h`.
struct TimeSpan: ExpressibleByArgument {
    let value: Duration

    init?(argument: String) {
        guard let value = Duration(text: argument) else { return nil }
        self.value = value
    }
}
