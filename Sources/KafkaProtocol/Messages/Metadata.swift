/// Asks for the nodes and for topics with their partitions.
package struct MetadataRequest: WireRequest {
    package static var api: APIKey { .metadata }

    /// A topic that is asked for: by its name, or, from version 12 on, by its id.
    package struct Topic: WireFields, Hashable {
        /// The id of the topic; ``KafkaUUID/zero`` where the name is meant.
        package var id = KafkaUUID.zero
        /// The name of the topic; `nil` where the id is meant.
        package var name: String? = ""

        package init() {}

        package init(name: String?, id: KafkaUUID = .zero) {
            self.name = name
            self.id = id
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            if coder.version >= 10 {
                try coder.uuid(&id)
                try coder.nullableString(&name)
            } else {
                var text = name ?? ""
                try coder.string(&text)
                name = text
            }
            try coder.taggedFields()
        }
    }

    /// The topics; `nil` means all, and so does an empty list in version 0.
    package var topics: [Topic]?
    /// Whether topics that do not exist may be created.
    package var allowsAutoTopicCreation = true
    /// Whether to say what the client may do with the cluster; in versions 8 to 10.
    package var includesClusterAuthorizedOperations = false
    /// Whether to say what the client may do with each topic.
    package var includesTopicAuthorizedOperations = false

    package init() {}

    package init(
        topics: [String]?,
        allowsAutoTopicCreation: Bool = true,
        includesClusterAuthorizedOperations: Bool = false,
        includesTopicAuthorizedOperations: Bool = false
    ) {
        self.topics = topics.map { $0.map { Topic(name: $0) } }
        self.allowsAutoTopicCreation = allowsAutoTopicCreation
        self.includesClusterAuthorizedOperations = includesClusterAuthorizedOperations
        self.includesTopicAuthorizedOperations = includesTopicAuthorizedOperations
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        if coder.version >= 1 {
            try coder.nullableArray(&topics)
        } else {
            var listed = topics ?? []
            try coder.array(&listed)
            topics = listed.isEmpty ? nil : listed
        }
        if coder.version >= 4 { try coder.bool(&allowsAutoTopicCreation) }
        if 8...10 ~= coder.version { try coder.bool(&includesClusterAuthorizedOperations) }
        if coder.version >= 8 { try coder.bool(&includesTopicAuthorizedOperations) }
        try coder.taggedFields()
    }
}

/// The nodes, and the topics that were asked for.
package struct MetadataResponse: WireResponse {
    package static var api: APIKey { .metadata }

    /// One node.
    package struct Broker: WireFields {
        /// The number of the node.
        package var nodeID: Int32 = 0
        /// Where clients reach it.
        package var host = ""
        /// The port of its Kafka listener.
        package var port: Int32 = 0
        /// The rack it stands in.
        package var rack: String?

        package init() {}

        package init(nodeID: Int32, host: String = "", port: Int32 = 0, rack: String? = nil) {
            self.nodeID = nodeID
            self.host = host
            self.port = port
            self.rack = rack
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.int32(&nodeID)
            try coder.string(&host)
            try coder.int32(&port)
            if coder.version >= 1 { try coder.nullableString(&rack) }
            try coder.taggedFields()
        }
    }

    /// One partition of a topic.
    package struct Partition: WireFields {
        /// The outcome for the partition.
        package var errorCode = ErrorCode.none
        /// The number of the partition.
        package var partition: Int32 = 0
        /// The node that leads it.
        package var leaderID: Int32 = 0
        /// The epoch of the leader.
        package var leaderEpoch: Int32 = -1
        /// The nodes that hold it.
        package var replicaNodes: [Int32] = []
        /// The nodes that hold all of it.
        package var inSyncReplicaNodes: [Int32] = []
        /// The nodes that should hold it and are down.
        package var offlineReplicas: [Int32] = []

        package init() {}

        package init(
            errorCode: ErrorCode,
            partition: Int32 = 0,
            leaderID: Int32 = 0,
            leaderEpoch: Int32 = -1,
            replicaNodes: [Int32] = [],
            inSyncReplicaNodes: [Int32] = [],
            offlineReplicas: [Int32] = []
        ) {
            self.errorCode = errorCode
            self.partition = partition
            self.leaderID = leaderID
            self.leaderEpoch = leaderEpoch
            self.replicaNodes = replicaNodes
            self.inSyncReplicaNodes = inSyncReplicaNodes
            self.offlineReplicas = offlineReplicas
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.errorCode(&errorCode)
            try coder.int32(&partition)
            try coder.int32(&leaderID)
            if coder.version >= 7 { try coder.int32(&leaderEpoch) }
            try coder.array(&replicaNodes)
            try coder.array(&inSyncReplicaNodes)
            if coder.version >= 5 { try coder.array(&offlineReplicas) }
            try coder.taggedFields()
        }
    }

    /// One topic.
    package struct Topic: WireFields {
        /// The outcome for the topic.
        package var errorCode = ErrorCode.none
        /// The name of the topic; `nil` where there is none with the id, and an empty one then in versions before 12.
        package var name: String? = ""
        /// The id of the topic, from version 10 on.
        package var id = KafkaUUID.zero
        /// Whether the topic is one of Kafka's own.
        package var isInternal = false
        /// Its partitions.
        package var partitions: [Partition] = []
        /// What the client may do with it, as bits; the least Int32 where that was not asked.
        package var authorizedOperations: Int32 = .min

        package init() {}

        package init(
            errorCode: ErrorCode,
            name: String? = "",
            id: KafkaUUID = .zero,
            isInternal: Bool = false,
            partitions: [Partition] = [],
            authorizedOperations: Int32 = .min
        ) {
            self.errorCode = errorCode
            self.name = name
            self.id = id
            self.isInternal = isInternal
            self.partitions = partitions
            self.authorizedOperations = authorizedOperations
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.errorCode(&errorCode)
            if coder.version >= 12 {
                try coder.nullableString(&name)
            } else {
                var text = name ?? ""
                try coder.string(&text)
                name = text
            }
            if coder.version >= 10 { try coder.uuid(&id) }
            if coder.version >= 1 { try coder.bool(&isInternal) }
            try coder.array(&partitions)
            if coder.version >= 8 { try coder.int32(&authorizedOperations) }
            try coder.taggedFields()
        }
    }

    /// How long the client must wait before its next request. No quotas are enforced here: 0.
    package var throttleMilliseconds: Int32 = 0
    /// All nodes.
    package var brokers: [Broker] = []
    /// The name of the cluster.
    package var clusterID: String?
    /// The node that creates and deletes topics.
    package var controllerID: Int32 = -1
    /// The topics asked for.
    package var topics: [Topic] = []
    /// What the client may do with the cluster, as bits; the least Int32 where that was not asked. In versions 8 to 10.
    package var clusterAuthorizedOperations: Int32 = .min
    /// The outcome for the whole request, from version 13 on.
    package var errorCode = ErrorCode.none

    package init() {}

    package init(
        throttleMilliseconds: Int32,
        brokers: [Broker] = [],
        clusterID: String? = nil,
        controllerID: Int32 = -1,
        topics: [Topic] = [],
        clusterAuthorizedOperations: Int32 = .min
    ) {
        self.throttleMilliseconds = throttleMilliseconds
        self.brokers = brokers
        self.clusterID = clusterID
        self.controllerID = controllerID
        self.topics = topics
        self.clusterAuthorizedOperations = clusterAuthorizedOperations
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        if coder.version >= 3 { try coder.int32(&throttleMilliseconds) }
        try coder.array(&brokers)
        if coder.version >= 2 { try coder.nullableString(&clusterID) }
        if coder.version >= 1 { try coder.int32(&controllerID) }
        try coder.array(&topics)
        if 8...10 ~= coder.version { try coder.int32(&clusterAuthorizedOperations) }
        if coder.version >= 13 { try coder.errorCode(&errorCode) }
        try coder.taggedFields()
    }
}
