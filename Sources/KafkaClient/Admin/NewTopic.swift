/// A topic to create.
package struct NewTopic: Hashable, Sendable {
    package var name: String
    package var partitions: Int32
    /// How many brokers keep each partition; `nil`: as many as the cluster makes by default.
    package var replicationFactor: Int32?
    /// Kafka's configuration of topics, for example `retention.ms`.
    package var configs: [String: String]

    package init(
        name: String,
        partitions: Int32,
        replicationFactor: Int32? = nil,
        configs: [String: String] = [:]
    ) {
        self.name = name
        self.partitions = partitions
        self.replicationFactor = replicationFactor
        self.configs = configs
    }
}
