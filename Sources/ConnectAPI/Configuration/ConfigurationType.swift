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
            Int32(value) == nil ? "is no whole number between \(Int32.min) and \(Int32.max)" : nil
        case .long:
            Int64(value) == nil ? "is no whole number" : nil
        case .double:
            Double(value).map(\.isFinite) == true ? nil : "is no number"
        case .string, .list, .className, .password:
            nil
        }
    }
}
