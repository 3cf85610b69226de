/// A configuration that cannot be used: which key, where it was said, what is wrong, what to do.
package struct ConfigurationError: Error, Equatable, CustomStringConvertible {
    package let description: String

    static func unknown(_ key: String, origin: String, suggestion: String?) -> ConfigurationError {
        let hint = suggestion.map { "; did you mean '\($0)'?" } ?? "; docs/CONFIGURATION.md lists the keys"
        return ConfigurationError(description: "\(origin): unknown key '\(key)'\(hint)")
    }

    static func notReadable(_ path: String, _ reason: String) -> ConfigurationError {
        ConfigurationError(description: "\(path): cannot be read as YAML: \(reason)")
    }

    static func missing(_ path: String) -> ConfigurationError {
        ConfigurationError(
            description: "\(path): no such configuration file; give --config the path of one, or leave it out"
        )
    }

    static func notA(_ type: String, key: String) -> ConfigurationError {
        ConfigurationError(description: "the setting '\(key)' wants \(type)")
    }

    static func outside(_ range: ClosedRange<Int>, key: String, value: Int) -> ConfigurationError {
        ConfigurationError(
            description:
                "the setting '\(key)' is \(value); it has to be from \(range.lowerBound) to \(range.upperBound)"
        )
    }

    static func noChoice(_ choices: [String], key: String, value: String) -> ConfigurationError {
        ConfigurationError(
            description: "the setting '\(key)' is '\(value)'; it has to be one of \(choices.joined(separator: ", "))"
        )
    }
}
