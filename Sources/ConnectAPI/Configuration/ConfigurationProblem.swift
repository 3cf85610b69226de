/// Something wrong with one setting.
package struct ConfigurationProblem: Error, Hashable, Sendable, CustomStringConvertible {
    package let key: String

    /// What is wrong and what to do, for a person. Never holds a secret.
    package let message: String

    package init(key: String, message: String) {
        self.key = key
        self.message = message
    }

    package var description: String { "\(key): \(message)" }
}
