/// Where the value of a configuration entry is from, with its number on the wire.
package enum ConfigurationSource: Int8, Sendable {
    case unknown = 0
    /// It was set for the topic.
    case topic = 1
    /// It was set for the node while it ran.
    case dynamicBroker = 2
    /// It was set for all nodes while they ran.
    case dynamicDefaultBroker = 3
    /// It is in the configuration that the node was started with.
    case staticBroker = 4
    /// It was not set.
    case defaultValue = 5
}
