/// A configuration that cannot be used: where it was said, which key, what is wrong, what to do.
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

    /// - Parameters:
    ///   - origin: the file with its line, or the variable.
    ///   - problem: what is wrong, to be read behind "the setting 'key'".
    static func wrong(_ key: String, _ origin: String, _ problem: String) -> ConfigurationError {
        ConfigurationError(description: "\(origin): the setting '\(key)' \(problem)")
    }

    static func noValue(_ key: String, _ origin: String) -> ConfigurationError {
        wrong(key, origin, "needs one value; give it one, or take the key out")
    }
}
