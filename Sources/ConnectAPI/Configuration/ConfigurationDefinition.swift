/// One setting: its key, type, default, rule and meaning in one place, from which validation, documentation and the
/// REST face are made.
package struct ConfigurationDefinition: Sendable {
    /// What happens to the value.
    package enum Use: Hashable, Sendable {
        /// It changes what the connector does.
        case effective
        /// It is accepted because configurations of other connectors have it, and does nothing, because `reason`.
        case ignored(reason: String)
    }

    package let key: String
    package let type: ConfigurationType
    package let use: Use

    /// The value where none is given; `nil`: see `isRequired`.
    package let defaultValue: String?

    /// Whether there is an error if no value is given.
    package let isRequired: Bool

    package let rule: ConfigurationRule?

    /// What it does, its unit included, in a sentence or two.
    package let documentation: String

    private init(
        _ key: String,
        _ type: ConfigurationType,
        use: Use,
        defaultValue: String?,
        isRequired: Bool,
        rule: ConfigurationRule?,
        documentation: String
    ) {
        self.key = key
        self.type = type
        self.use = use
        self.defaultValue = defaultValue
        self.isRequired = isRequired
        self.rule = rule
        self.documentation = documentation
    }

    /// A setting that may be left out; `default` is then its value, and `nil` means that it has none.
    package init(
        _ key: String,
        _ type: ConfigurationType,
        default defaultValue: String?,
        _ rule: ConfigurationRule,
        _ documentation: String
    ) {
        self.init(
            key,
            type,
            use: .effective,
            defaultValue: defaultValue,
            isRequired: false,
            rule: rule,
            documentation: documentation
        )
    }

    /// A setting that may be left out, and may have every value of its type.
    package init(
        _ key: String,
        _ type: ConfigurationType,
        default defaultValue: String?,
        _ documentation: String
    ) {
        self.init(
            key,
            type,
            use: .effective,
            defaultValue: defaultValue,
            isRequired: false,
            rule: nil,
            documentation: documentation
        )
    }

    /// A setting that has to be given.
    package static func required(
        _ key: String,
        _ type: ConfigurationType,
        _ rule: ConfigurationRule,
        _ documentation: String
    ) -> Self {
        Self(
            key,
            type,
            use: .effective,
            defaultValue: nil,
            isRequired: true,
            rule: rule,
            documentation: documentation
        )
    }

    /// A setting of other connectors that is accepted and does nothing, where `rule` allows its value: others ask for
    /// what would not be done.
    package static func ignored(_ key: String, _ rule: ConfigurationRule? = nil, because reason: String) -> Self {
        Self(
            key,
            .string,
            use: .ignored(reason: reason),
            defaultValue: nil,
            isRequired: false,
            rule: rule,
            documentation: "Accepted and ignored: \(reason)"
        )
    }

    /// The same setting under `prefix`, as a configuration has those of a transform.
    package func prefixed(_ prefix: String) -> Self {
        Self(
            prefix + key,
            type,
            use: use,
            defaultValue: defaultValue,
            isRequired: isRequired,
            rule: rule,
            documentation: documentation
        )
    }

    /// What is wrong with `value`; `nil` where it is allowed. A secret is not repeated.
    package func problem(with value: String) -> String? {
        guard let problem = type.problem(with: value) ?? rule?.problem(value) else { return nil }
        return type == .password ? "its value \(problem)" : "'\(value)' \(problem)"
    }
}
