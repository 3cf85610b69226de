package import CommitLog
import KafkaTopics
package import NIOCore

/// The configuration of an ingestor.
package struct IngestorConfiguration: Sendable {
    /// Where it listens. The first one is that of this machine's own clients: the stages of a pipeline, and commands.
    package var listeners = [ListenerConfiguration(listen: ListenAddress(host: "127.0.0.1", port: 9092))]
    /// The data directory.
    package var directory: String
    /// Topics that are created at the start if they do not exist.
    package var topics: [TopicSpecification] = []
    /// Whether a topic is created when a client first asks for it (`auto.create.topics.enable`).
    package var createsTopicsOnFirstUse = true
    /// Partitions of a topic that is created without a number of them (`num.partitions`).
    package var partitionCount: Int32 = 1
    /// How logs are kept unless a topic says otherwise; with it the flush policy.
    package var log = LogConfiguration()
    /// Groups whose unread records retention keeps.
    package var retentionHolds: [RetentionHoldSettings] = []
    package var groups: GroupSettings
    /// Groups whose offsets never expire: names that begin so. Those of Kafka Connect's sinks do.
    package var permanentGroupPrefixes = ["connect-"]
    package var limits: IngestorLimits
    /// How often logs are maintained: old segments sealed and deleted, what is due flushed.
    package var maintenanceInterval = TimeAmount.seconds(1)
    /// Whether the ingestor maintains its logs. Without that it changes nothing by itself, but for the formats of an earlier
    /// version: no record is deleted by retention, no old segment is sealed, no topic of clients is created at the start or
    /// on first use, and none is compacted. For an audit; requests of clients are served as usual.
    package var maintainsLogs = true

    package init(directory: String, limits: IngestorLimits = IngestorLimits()) {
        self.directory = directory
        self.limits = limits
        groups = GroupSettings(limits: limits)
    }

    /// What is wrong with this configuration; `nil` where nothing is.
    package var problem: String? {
        if let problem = limits.problem { return problem }
        if directory.isEmpty { return "a directory is needed to keep the log in" }
        if partitionCount < 1 || partitionCount > limits.partitionsPerTopicMax {
            return "a topic has 1 to \(limits.partitionsPerTopicMax) partitions, not \(partitionCount)"
        }
        if let problem = listeners.problem(limit: limits.listenersMax) { return problem }
        if groups.initialRebalanceDelay < .zero { return "the initial rebalance delay cannot be negative" }
        return nil
    }
}

/// Settings of consumer groups.
package struct GroupSettings: Sendable, Equatable {
    /// How long the first rebalance of an empty group waits for further members, so that a fleet which starts together is
    /// assigned once (`group.initial.rebalance.delay.ms`). Kafka waits 3 s; here a group is ready almost at once.
    package var initialRebalanceDelay = TimeAmount.milliseconds(100)
    /// The least session timeout that a member may ask for.
    package var sessionTimeoutMin: TimeAmount
    /// The greatest one.
    package var sessionTimeoutMax: TimeAmount
    /// How long a new member's first join may wait before the group removes it.
    package var newMemberJoinTimeout: TimeAmount
    /// How long a member of the protocol of KIP-848 may be silent.
    package var consumerSessionTimeout: TimeAmount
    /// How often it tells that it lives.
    package var consumerHeartbeatInterval: TimeAmount
    /// Which protocol a group with members may change to (`group.consumer.migration.policy`).
    package var migrationPolicy = GroupMigrationPolicy.bidirectional
    /// Different regular expressions of one group's members.
    package var patternsMax: Int
    /// Members of one group.
    package var membersMax: Int
    /// Protocols (assignors) that one member may support.
    package var protocolsMax: Int
    /// Names, metadata and assignments of one group's members.
    package var bytesMax: Int
    /// The same of all groups.
    package var allBytesMax: Int

    package init(limits: IngestorLimits = IngestorLimits()) {
        sessionTimeoutMin = limits.sessionTimeoutMin
        sessionTimeoutMax = limits.sessionTimeoutMax
        newMemberJoinTimeout = limits.newMemberJoinTimeout
        consumerSessionTimeout = limits.consumerSessionTimeout
        consumerHeartbeatInterval = limits.consumerHeartbeatInterval
        patternsMax = limits.groupPatternsMax
        membersMax = limits.groupMembersMax
        protocolsMax = limits.groupProtocolsMax
        bytesMax = limits.groupBytesMax
        allBytesMax = limits.allGroupsBytesMax
    }
}

/// A topic that has to exist when the ingestor serves.
package struct TopicSpecification: Sendable, Equatable {
    package var name: String
    /// How many partitions; `nil` for the default.
    package var partitionCount: Int32?
    /// Settings by Kafka's names (`retention.ms` and so on).
    package var settings: [String: String]

    package init(name: String, partitionCount: Int32? = nil, settings: [String: String] = [:]) {
        self.name = name
        self.partitionCount = partitionCount
        self.settings = settings
    }

    /// What is wrong with the name; `nil` where nothing is.
    package var nameProblem: String? { TopicName.problem(with: name) }
}
