import PlainText

/// The settings that something has, in the order in which they are shown, and the check of a configuration.
package struct ConfigurationDefinitions: Sendable {
    /// In the order in which they are shown.
    package let definitions: [ConfigurationDefinition]

    /// Whole families of keys that are handed on as they are, such as `consumer.override.`
    package let openPrefixes: [String]

    private let byKey: [String: ConfigurationDefinition]

    package init(_ definitions: [ConfigurationDefinition], openPrefixes: [String] = []) {
        self.definitions = definitions
        self.openPrefixes = openPrefixes
        byKey = Dictionary(definitions.map { ($0.key, $0) }) { _, later in later }
    }

    /// These definitions and `others` behind them; where both name a key, the one of `others` holds.
    package func merging(_ others: ConfigurationDefinitions) -> ConfigurationDefinitions {
        ConfigurationDefinitions(
            definitions.filter { others.byKey[$0.key] == nil } + others.definitions,
            openPrefixes: openPrefixes + others.openPrefixes
        )
    }

    package subscript(key: String) -> ConfigurationDefinition? { byKey[key] }

    /// Keys of a vendor's own services.
    private static func isForeign(_ key: String) -> Bool {
        key.hasPrefix("confluent.") || key.hasPrefix("io.confluent.")
    }

    /// The values of `configuration`.
    ///
    /// - Throws: everything that is wrong with it: unknown keys (with the nearest known one), missing values, values of
    ///   the wrong type or out of range.
    package func values(of configuration: [String: String]) throws(ConfigurationError) -> ConfigurationValues {
        let validation = validate(configuration)
        guard validation.problems.isEmpty else { throw ConfigurationError(validation.problems) }
        return validation.values
    }

    /// Checks `configuration` whole.
    package func validate(_ configuration: [String: String]) -> ConfigurationValidation {
        var problems: [ConfigurationProblem] = []
        var ignored: [ConfigurationProblem] = []
        var values: [String: String] = [:]
        var types = byKey.mapValues(\.type)
        for (key, given) in configuration.sorted(by: { $0.key < $1.key }) where !key.hasPrefix("_") {
            let value = Self.trimmed(given)
            if let definition = byKey[key] {
                if let problem = definition.problem(with: value) {
                    problems.append(ConfigurationProblem(key: key, message: problem))
                } else if case .ignored(let reason) = definition.use {
                    ignored.append(ConfigurationProblem(key: key, message: reason))
                }
                values[key] = value
            } else if openPrefixes.contains(where: { key.hasPrefix($0) && key.utf8.count > $0.utf8.count }) {
                values[key] = value
                types[key] = .string
            } else if Self.isForeign(key) {
                ignored.append(ConfigurationProblem(key: key, message: "a vendor's own setting, which has no use here"))
            } else {
                problems.append(unknown(key))
            }
        }
        for definition in definitions where values[definition.key] == nil {
            values[definition.key] = definition.defaultValue
            if definition.isRequired {
                let message = "is missing. \(definition.documentation)"
                problems.append(ConfigurationProblem(key: definition.key, message: message))
            }
        }
        return ConfigurationValidation(
            definitions: definitions,
            values: ConfigurationValues(values: values, types: types, ignored: ignored),
            problems: problems
        )
    }

    private func unknown(_ key: String) -> ConfigurationProblem {
        let nearest = EditDistance.nearest(to: key, among: definitions.map(\.key))
        let advice =
            nearest.map { "did you mean '\($0)'?" } ?? "remove it, or begin its name with '_' to keep it as a comment"
        return ConfigurationProblem(key: key, message: "is not a setting of this connector; \(advice)")
    }

    /// The words between the commas of `text`, without blanks around them; empty ones do not count.
    package static func words(_ text: String) -> [String] {
        text.split(separator: ",").map { trimmed(String($0)) }.filter { !$0.isEmpty }
    }

    static func trimmed(_ text: String) -> String {
        let front = text.drop(while: \.isWhitespace)
        guard let last = front.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(front[...last])
    }
}

/// What a check of a configuration found, setting by setting, as Connect's REST API tells it.
package struct ConfigurationValidation: Sendable {
    /// A setting with its value and what is wrong with it.
    package struct Setting: Sendable {
        package let definition: ConfigurationDefinition
        /// The value given or the default; `nil` where there is neither. Of a secret only that it is there.
        package let value: String?
        package let recommendedValues: [String]
        package let errors: [String]
        /// Whether it has an effect beside the other settings.
        package let isVisible: Bool
    }

    package let definitions: [ConfigurationDefinition]

    /// The values, also those that something is wrong with.
    package let values: ConfigurationValues

    /// Everything that is wrong, unknown keys among it.
    package var problems: [ConfigurationProblem]

    /// The settings in the order in which they are shown.
    package var settings: [Setting] {
        let errors = Dictionary(grouping: problems, by: \.key)
        let configuration = values.settings(withPrefix: "")
        return definitions.map { definition in
            let value = values.string(definition.key)
            return Setting(
                definition: definition,
                value: definition.type == .password ? value.map { _ in "[hidden]" } : value,
                recommendedValues: definition.recommendedValues,
                errors: errors[definition.key]?.map(\.message) ?? [],
                isVisible: definition.isVisible(in: configuration)
            )
        }
    }

    /// The groups of the settings, in the order in which they are shown.
    package var groups: [String] {
        var groups: [String] = []
        for case let group? in definitions.map(\.group) where !groups.contains(group) { groups.append(group) }
        return groups
    }
}
