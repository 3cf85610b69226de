/// One setting of a topic as clients see it in DescribeConfigs.
package struct LogConfigurationEntry: Hashable, Sendable {
    /// Kafka's name.
    package let name: String
    /// The value, as text.
    package let value: String
    /// Whether the value is that of the configuration's default.
    package let isDefault: Bool
    /// Whether it tells about the topic and cannot be chosen.
    package let isReadOnly: Bool
    /// What it means, for a person.
    package let documentation: String

    package init(name: String, value: String, isDefault: Bool, isReadOnly: Bool = false, documentation: String) {
        self.name = name
        self.value = value
        self.isDefault = isDefault
        self.isReadOnly = isReadOnly
        self.documentation = documentation
    }
}
