import ConnectAPI
package import ConnectRuntime
package import KafkaClient
package import Storage

/// What is audited, and where it is.
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
    /// The topics that the connector files.
    package var topics: [String]
    /// The connector's dead letter queue.
    package var deadLetterTopic: String
    /// What is known of the records besides; `nil`: nothing.
    package var supplement: (any AuditSupplement)?
    /// How long a partition's position may stay the same while records follow it, in milliseconds.
    package var stallMilliseconds: Int64 = 600_000
    /// Whether a connector runs that files records; `nil` if that is unknown.
    package var isRunning: Bool?
    /// What the connector's task says of itself; `nil` where that is not known.
    package var task: TaskStatus?
    /// Whether the connector is the only one that ever filed these topics, from their first record on.
    package var filesEverything = false
    /// Makes the converter and transforms of the connector's records, for one reader at a time.
    package var makePipeline: @Sendable () throws -> RecordPipeline
    /// The wall clock, in milliseconds since 1970.
    package var now: @Sendable () -> Int64
    /// Called with how much of the work is done.
    package var onProgress: @Sendable (AuditProgress) -> Void = { _ in }

    /// The status of a task at a time.
    package struct TaskStatus: Sendable {
        package var status: SinkTaskStatus
        /// In milliseconds since 1970.
        package var atMilliseconds: Int64

        package init(_ status: SinkTaskStatus, atMilliseconds: Int64) {
            self.status = status
            self.atMilliseconds = atMilliseconds
        }
    }

    package init(
        client: ClientConfiguration,
        storage: any FileSystem,
        connector: String,
        topics: [String],
        deadLetterTopic: String,
        makePipeline: @escaping @Sendable () throws -> RecordPipeline,
        now: @escaping @Sendable () -> Int64
    ) {
        self.client = client
        self.storage = storage
        self.connector = connector
        self.topics = topics
        self.deadLetterTopic = deadLetterTopic
        self.makePipeline = makePipeline
        self.now = now
    }
}

/// How much of an audit is done: records read in files and in topics, of all that are to be read.
package struct AuditProgress: Hashable, Sendable {
    package var done: Int64
    package var total: Int64
}
