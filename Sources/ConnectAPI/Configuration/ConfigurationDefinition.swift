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

    /// How much a setting matters to those who set it; the names are Connect's.
    package enum Importance: String, Sendable {
        case high = "HIGH"
        case medium = "MEDIUM"
        case low = "LOW"
    }

    /// How wide the field of a form is in which it is set; the names are Connect's.
    package enum Width: String, Sendable {
        case none = "NONE"
        case short = "SHORT"
        case medium = "MEDIUM"
        case long = "LONG"
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

    package private(set) var importance = Importance.low
    package private(set) var width = Width.none
    package private(set) var displayName: String
    /// The group of settings that it is shown in, and its place there, from 1; -1 without a group.
    package private(set) var group: String?
    package private(set) var orderInGroup = -1
    /// The keys of the settings that depend on its value.
    package private(set) var dependents: [String] = []
    /// Whether it has an effect beside the other settings of a configuration.
    private var visibility: @Sendable (_ configuration: [String: String]) -> Bool = { _ in true }

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
        displayName = key
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
        var other = Self(
            prefix + key,
            type,
            use: use,
            defaultValue: defaultValue,
            isRequired: isRequired,
            rule: rule,
            documentation: documentation
        )
        other.importance = importance
        other.width = width
        other.displayName = displayName == key ? prefix + key : displayName
        other.dependents = dependents.map { prefix + $0 }
        return other
    }

    /// The same setting as forms show it.
    ///
    /// - Parameters:
    ///   - displayName: its name for people.
    ///   - dependents: the keys of the settings that depend on its value.
    ///   - isVisible: whether it has an effect beside the other settings of a configuration.
    package func shown(
        _ importance: Importance,
        _ width: Width,
        _ displayName: String,
        dependents: [String] = [],
        isVisible: @escaping @Sendable (_ configuration: [String: String]) -> Bool = { _ in true }
    ) -> Self {
        var shown = self
        shown.importance = importance
        shown.width = width
        shown.displayName = displayName
        shown.dependents = dependents
        shown.visibility = isVisible
        return shown
    }

    /// The settings of `group` in their order.
    package static func group(_ group: String, _ definitions: [Self]) -> [Self] {
        definitions.enumerated().map { place, definition in
            var member = definition
            member.group = group
            member.orderInGroup = place + 1
            return member
        }
    }

    /// The values to choose from; none where there are too many to list.
    package var recommendedValues: [String] { rule?.recommendedValues ?? [] }

    /// Whether it has an effect beside the other settings of `configuration`.
    package func isVisible(in configuration: [String: String]) -> Bool { visibility(configuration) }

    /// What is wrong with `value`; `nil` where it is allowed. A secret is not repeated.
    package func problem(with value: String) -> String? {
        guard let problem = type.problem(with: value) ?? rule?.problem(value) else { return nil }
        return type == .password ? "its value \(problem)" : "'\(value)' \(problem)"
    }
}

/// What kind of value a setting has; the names are those of Connect's REST API.
package enum ConfigurationType: String, Hashable, Sendable, CaseIterable {
    case boolean = "BOOLEAN"
    case string = "STRING"
    case int = "INT"
    case long = "LONG"
    case double = "DOUBLE"
    /// Words with commas between them; blanks around the commas do not count.
    case list = "LIST"
    /// The name of a class of Java or of one of ours.
    case className = "CLASS"
    /// A secret: never shown in a message, a log or a status.
    case password = "PASSWORD"

    /// What is wrong with `value` as a value of this type, in words that follow "… "; `nil` where it is one.
    package func problem(with value: String) -> String? {
        switch self {
        case .boolean:
            ["true", "false"].contains(value.lowercased()) ? nil : "is neither true nor false"
        case .int:
            Int32(value) == nil ? "is not an integer between \(Int32.min) and \(Int32.max)" : nil
        case .long:
            Int64(value) == nil ? "is not an integer" : nil
        case .double:
            Double(value).map(\.isFinite) == true ? nil : "is not a number"
        case .string, .list, .className, .password:
            nil
        }
    }
}

/// Which values of its type a setting may have.
package struct ConfigurationRule: Sendable {
    /// What is wrong with a value of the right type, in words that follow the value; `nil` where it is allowed.
    package let problem: @Sendable (_ value: String) -> String?

    /// The values to choose from; none where there are too many to list.
    package let recommendedValues: [String]

    package init(
        recommendedValues: [String] = [],
        problem: @escaping @Sendable (_ value: String) -> String?
    ) {
        self.recommendedValues = recommendedValues
        self.problem = problem
    }

    /// Integers within `range`.
    package static func within(_ range: ClosedRange<Int64>) -> Self {
        Self { value in
            guard let number = Int64(value), !range.contains(number) else { return nil }
            if number < range.lowerBound { return "is less than \(range.lowerBound)" }
            return "is more than \(range.upperBound)"
        }
    }

    /// Integers from `least` on.
    package static func atLeast(_ least: Int64) -> Self {
        within(least...Int64.max)
    }

    /// One of `words`; letters' case counts.
    package static func oneOf(_ words: [String]) -> Self {
        Self(recommendedValues: words) { value in
            words.contains(value) ? nil : "is not one of \(words.joined(separator: ", "))"
        }
    }

    /// Text with at least one character, lists with at least one word.
    package static let notEmpty = Self { value in
        value.allSatisfy { $0 == " " || $0 == "," } ? "is empty" : nil
    }
}
