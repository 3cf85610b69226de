package import CommitLog
import KafkaTopics
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

/// How consumer groups are run.
package struct GroupSettings: Sendable, Equatable {
    /// How long the first rebalance of an empty group waits for further members, so that a fleet which starts together is
    /// assigned once (`group.initial.rebalance.delay.ms`). Kafka waits 3 s; here a group is ready almost at once.
    package var initialRebalanceDelay = TimeAmount.milliseconds(100)
    /// The least session timeout that a member may ask for.
    package var sessionTimeoutMin: TimeAmount
    /// The greatest one.
    package var sessionTimeoutMax: TimeAmount
    /// How long a new member's first join may wait before the group forgets it.
    package var newMemberJoinTimeout: TimeAmount
    /// Members of one group.
    package var membersMax: Int
    /// Ways to assign partitions that one member may offer.
    package var protocolsMax: Int
    /// Names, metadata and assignments of one group's members.
    package var bytesMax: Int
    /// The same of all groups.
    package var allBytesMax: Int

    package init(limits: IngestorLimits = IngestorLimits()) {
        sessionTimeoutMin = limits.sessionTimeoutMin
        sessionTimeoutMax = limits.sessionTimeoutMax
        newMemberJoinTimeout = limits.newMemberJoinTimeout
        membersMax = limits.groupMembersMax
        protocolsMax = limits.groupProtocolsMax
        bytesMax = limits.groupBytesMax
        allBytesMax = limits.allGroupsBytesMax
    }
}

/// A topic that shall exist when the ingestor serves.
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

    /// Why no topic can have this name, in words for a person; `nil` where one can.
    package var nameProblem: String? { TopicName.problem(with: name) }
}
