/// All that is wrong with a configuration, not just the first of it.
package struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    package let problems: [ConfigurationProblem]

    package init(_ problems: [ConfigurationProblem]) {
        self.problems = problems
    }

    package var description: String {
        problems.map(\.description).joined(separator: "\n")
    }
}

/// Something wrong with one setting.
package struct ConfigurationProblem: Error, Hashable, Sendable, CustomStringConvertible {
    package let key: String

    /// What is wrong and what to do. Never holds a secret.
    package let message: String

    package init(key: String, message: String) {
        self.key = key
        self.message = message
    }

    package var description: String { "\(key): \(message)" }
}
