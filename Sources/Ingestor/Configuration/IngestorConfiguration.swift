package import CommitLog
package import NIOCore

/// All that an ingestor is told.
package struct IngestorConfiguration: Sendable {
    /// Where it listens; port 0 takes a free one.
    package var listen = ListenAddress(host: "127.0.0.1", port: 9092)
    /// The address that clients are told to use; `nil` tells each client the address that it came by. So does a wildcard,
    /// which is refused with a warning.
    package var advertised: ListenAddress?
    /// The directory of all that it keeps.
    package var directory: String
    /// Topics that are made at the start if they do not exist.
    package var topics: [TopicSpecification] = []
    /// Whether a topic is made when a client first asks for it (`auto.create.topics.enable`).
    package var createsTopicsOnFirstUse = true
    /// Partitions of a topic that nobody said a number for (`num.partitions`).
    package var partitionCount: Int32 = 1
    /// How logs are kept unless a topic says otherwise; with it the flush policy.
    package var log = LogConfiguration()
    /// Groups for which retention keeps what they have not come to.
    package var retentionHolds: [RetentionHoldSettings] = []
    package var groups: GroupSettings
    /// Groups whose offsets never expire: names that begin so. Those of Kafka Connect's sinks do.
    package var permanentGroupPrefixes = ["connect-"]
    package var limits: IngestorLimits
    /// How often logs are looked after: old segments sealed and deleted, what is due flushed.
    package var maintenanceInterval = TimeAmount.seconds(1)
    /// Whether the ingestor looks after what it keeps. Where it does not it changes nothing of its own accord: no record ages
    /// out, no old segment is sealed, no topic is made at the start or on first use, and the journal of committed offsets is
    /// not written anew. For whoever only wants to read what is there, as an audit does; what clients ask for outright is
    /// done all the same.
    package var maintainsLogs = true

    package init(directory: String, limits: IngestorLimits = IngestorLimits()) {
        self.directory = directory
        self.limits = limits
        groups = GroupSettings(limits: limits)
    }

    /// Why this cannot be served, in words for people; `nil` where it can.
    package var problem: String? {
        if let problem = limits.problem { return problem }
        if directory.isEmpty { return "a directory is needed to keep the log in" }
        if partitionCount < 1 || partitionCount > limits.partitionsPerTopicMax {
            return "a topic has 1 to \(limits.partitionsPerTopicMax) partitions, not \(partitionCount)"
        }
        if let advertised, advertised.host.isEmpty || advertised.port < 1 {
            return "clients cannot be told to use \(advertised): advertise the name and the port by which they reach "
                + "this machine"
        }
        if groups.initialRebalanceDelay < .zero { return "the initial rebalance delay cannot be negative" }
        return nil
    }
}
