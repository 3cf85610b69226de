/// Asks for topics with their partitions, a page at a time (KIP-966).
package struct DescribeTopicPartitionsRequest: WireRequest {
    package static var api: APIKey { .describeTopicPartitions }

    /// Where a page begins.
    package struct Cursor: WireFields {
        /// The first topic of the page.
        package var topic = ""
        /// The first partition of it.
        package var partition: Int32 = 0

        package init() {}

        package init(topic: String, partition: Int32) {
            self.topic = topic
            self.partition = partition
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.string(&topic)
            try coder.int32(&partition)
            try coder.taggedFields()
        }
    }

    /// A topic that is asked for.
    package struct Topic: WireFields {
        /// Its name.
        package var name = ""

        package init() {}

        package init(name: String) { self.name = name }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.string(&name)
            try coder.taggedFields()
        }
    }

    /// The topics; none means all.
    package var topics: [Topic] = []
    /// The most partitions of the page.
    package var partitionsMax: Int32 = 2_000
    /// Where the page begins; `nil` for the first one.
    package var cursor: Cursor?

    package init() {}

    package init(topics: [String], partitionsMax: Int32 = 2_000, cursor: Cursor? = nil) {
        self.topics = topics.map(Topic.init(name:))
        self.partitionsMax = partitionsMax
        self.cursor = cursor
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.array(&topics)
        try coder.int32(&partitionsMax)
        try coder.nullable(&cursor)
        try coder.taggedFields()
    }
}

/// A page of topics.
package struct DescribeTopicPartitionsResponse: WireResponse {
    package static var api: APIKey { .describeTopicPartitions }

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
        /// The nodes that may lead it although they are not in sync.
        package var eligibleLeaderReplicas: [Int32]?
        /// Those that were eligible last.
        package var lastKnownEligibleLeaderReplicas: [Int32]?
        /// The nodes that should hold it and are down.
        package var offlineReplicas: [Int32] = []

        package init() {}

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.errorCode(&errorCode)
            try coder.int32(&partition)
            try coder.int32(&leaderID)
            try coder.int32(&leaderEpoch)
            try coder.array(&replicaNodes)
            try coder.array(&inSyncReplicaNodes)
            try coder.nullableArray(&eligibleLeaderReplicas)
            try coder.nullableArray(&lastKnownEligibleLeaderReplicas)
            try coder.array(&offlineReplicas)
            try coder.taggedFields()
        }
    }

    /// One topic.
    package struct Topic: WireFields {
        /// The outcome for the topic.
        package var errorCode = ErrorCode.none
        /// The name of the topic.
        package var name: String?
        /// The id of the topic.
        package var id = KafkaUUID.zero
        /// Whether the topic is one of Kafka's own.
        package var isInternal = false
        /// Its partitions, as far as they are on this page.
        package var partitions: [Partition] = []
        /// What the client may do with it, as bits.
        package var authorizedOperations: Int32 = .min

        package init() {}

        package init(
            errorCode: ErrorCode = .none,
            name: String,
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
            try coder.nullableString(&name)
            try coder.uuid(&id)
            try coder.bool(&isInternal)
            try coder.array(&partitions)
            try coder.int32(&authorizedOperations)
            try coder.taggedFields()
        }
    }

    /// How long the client must wait before its next request. No quotas are enforced here: 0.
    package var throttleMilliseconds: Int32 = 0
    /// The topics of the page.
    package var topics: [Topic] = []
    /// Where the next page begins; `nil` after the last one.
    package var nextCursor: DescribeTopicPartitionsRequest.Cursor?

    package init() {}

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.int32(&throttleMilliseconds)
        try coder.array(&topics)
        try coder.nullable(&nextCursor)
        try coder.taggedFields()
    }
}
