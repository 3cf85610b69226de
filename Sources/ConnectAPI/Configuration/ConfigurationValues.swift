/// A configuration that was found to be right: typed reading, defaults filled in.
///
/// Reading a key that no definition names, or as another type than the definition says, is a mistake in the program.
package struct ConfigurationValues: Sendable {
    private let values: [String: String]
    private let types: [String: ConfigurationType]

    /// The settings that are accepted and do nothing, to be mentioned once in the log.
    package let ignored: [ConfigurationProblem]

    init(values: [String: String], types: [String: ConfigurationType], ignored: [ConfigurationProblem]) {
        self.values = values
        self.types = types
        self.ignored = ignored
    }

    /// The text of a setting, whatever its type; `nil` where none was given and there is no default.
    package func string(_ key: String) -> String? {
        precondition(types[key] != nil, "no definition names the setting '\(key)'")
        return values[key]
    }

    /// The text of a setting that is required or has a default.
    package func text(_ key: String) -> String {
        guard let value = string(key) else {
            preconditionFailure("the setting '\(key)' is neither required nor has a default: read it with string(_:)")
        }
        return value
    }

    /// An integer (`int` or `long`); `nil` where none was given and there is no default.
    package func integer(_ key: String) -> Int64? {
        precondition([.int, .long].contains(types[key]), "the setting '\(key)' is not an integer")
        return values[key].flatMap { Int64($0) }
    }

    /// A boolean; false where none was given and there is no default.
    package func boolean(_ key: String) -> Bool {
        precondition(types[key] == .boolean, "the setting '\(key)' is not a boolean")
        return values[key]?.lowercased() == "true"
    }

    /// The words of a list; none where none was given and there is no default.
    package func list(_ key: String) -> [String] {
        precondition(types[key] == .list, "the setting '\(key)' is not a list")
        return values[key].map(ConfigurationDefinitions.words) ?? []
    }

    /// The settings whose key begins with `prefix`, which is left out of the result's keys.
    package func settings(withPrefix prefix: String) -> [String: String] {
        var result: [String: String] = [:]
        for (key, value) in values where key.hasPrefix(prefix) {
            result[String(key.dropFirst(prefix.count))] = value
        }
        return result
    }
}
