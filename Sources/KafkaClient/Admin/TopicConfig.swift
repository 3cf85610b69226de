/// One setting of a topic.
package struct TopicConfig: Hashable, Sendable {
    package let name: String
    /// Its value; `nil` where the broker hides it.
    package let value: String?
    /// Whether nobody has set it for this topic.
    package let isDefault: Bool
    package let isReadOnly: Bool
}
