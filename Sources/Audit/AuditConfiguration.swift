package import KafkaClient
package import Storage

/// What is audited, and where it lies.
package struct AuditConfiguration: Sendable {
    /// The cluster that holds the topics.
    package var client: ClientConfiguration
    /// The storage that holds raw zone and commit records.
    package var storage: any FileSystem
    /// `topics.dir` of the connector.
    package var topicsDirectory = "HeraSDG/raw_data"
    /// `logs.dir` of the connector.
    package var logsDirectory = "HeraSDG/_logs"
    /// The connector's name.
    package var connector: String
    /// The connector's dead letter queue.
    package var deadLetterTopic: String
    /// The directory with the ground truth of the source's runs; `nil`: nothing is compared with it.
    package var truthDirectory: String?

    package init(
        client: ClientConfiguration,
        storage: any FileSystem,
        connector: String,
        deadLetterTopic: String
    ) {
        self.client = client
        self.storage = storage
        self.connector = connector
        self.deadLetterTopic = deadLetterTopic
    }
}
