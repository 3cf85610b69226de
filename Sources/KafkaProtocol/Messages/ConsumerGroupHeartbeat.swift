/// A member of a group tells that it lives, what it wants and what it has (KIP-848). Its group answers with its epoch and,
/// where that changed, with its partitions: the one request by which members join, stay, rebalance and leave.
package struct ConsumerGroupHeartbeatRequest: WireRequest {
    package static var api: APIKey { .consumerGroupHeartbeat }

    /// The ``memberEpoch`` of a member that joins.
    package static let joiningEpoch: Int32 = 0
    /// The ``memberEpoch`` of a member that leaves.
    package static let leavingEpoch: Int32 = -1
    /// The ``memberEpoch`` of a static member that stops and will come back.
    package static let pausingEpoch: Int32 = -2

    /// The group.
    package var groupID = ""
    /// The id of the member: chosen by the member from version 1 on, else by the group where it is empty.
    package var memberID = ""
    /// The epoch that the member has, or one of the numbers above.
    package var memberEpoch: Int32 = 0
    /// The name that a static member keeps over restarts (KIP-345).
    package var instanceID: String?
    /// Where the member is.
    package var rackID: String?
    /// How long the member may take to give up partitions; -1 where that did not change. So it is with all that follows,
    /// whose sign for "as before" is null.
    package var rebalanceTimeoutMilliseconds: Int32 = -1
    /// The topics that the member reads.
    package var subscribedTopicNames: [String]?
    /// A regular expression of further topics that it reads.
    package var subscribedTopicRegex: String?
    /// The assignor that the member prefers.
    package var serverAssignor: String?
    /// The partitions that the member has.
    package var topicPartitions: [GroupTopicPartitions]?

    package init() {}

    package init(
        groupID: String,
        memberID: String,
        memberEpoch: Int32,
        instanceID: String? = nil,
        rackID: String? = nil,
        rebalanceTimeoutMilliseconds: Int32 = -1,
        subscribedTopicNames: [String]? = nil,
        subscribedTopicRegex: String? = nil,
        serverAssignor: String? = nil,
        topicPartitions: [GroupTopicPartitions]? = nil
    ) {
        self.groupID = groupID
        self.memberID = memberID
        self.memberEpoch = memberEpoch
        self.instanceID = instanceID
        self.rackID = rackID
        self.rebalanceTimeoutMilliseconds = rebalanceTimeoutMilliseconds
        self.subscribedTopicNames = subscribedTopicNames
        self.subscribedTopicRegex = subscribedTopicRegex
        self.serverAssignor = serverAssignor
        self.topicPartitions = topicPartitions
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.string(&groupID)
        try coder.string(&memberID)
        try coder.int32(&memberEpoch)
        try coder.nullableString(&instanceID)
        try coder.nullableString(&rackID)
        try coder.int32(&rebalanceTimeoutMilliseconds)
        try coder.nullableArray(&subscribedTopicNames)
        if coder.version >= 1 { try coder.nullableString(&subscribedTopicRegex) }
        try coder.nullableString(&serverAssignor)
        try coder.nullableArray(&topicPartitions)
        try coder.taggedFields()
    }
}

/// What a member of a group has to know.
package struct ConsumerGroupHeartbeatResponse: WireResponse {
    package static var api: APIKey { .consumerGroupHeartbeat }

    /// The partitions that a member may use at once; all others it gives up.
    package struct Assignment: WireFields {
        /// The partitions by topic.
        package var topicPartitions: [GroupTopicPartitions] = []

        package init() {}

        package init(topicPartitions: [GroupTopicPartitions]) {
            self.topicPartitions = topicPartitions
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.array(&topicPartitions)
            try coder.taggedFields()
        }
    }

    /// How long the client must wait before its next request. No quotas are enforced here: 0.
    package var throttleMilliseconds: Int32 = 0
    /// The outcome.
    package var errorCode = ErrorCode.none
    /// The outcome in words.
    package var errorMessage: String?
    /// The id of the member.
    package var memberID: String?
    /// The epoch of the member.
    package var memberEpoch: Int32 = 0
    /// The time until the member's next heartbeat.
    package var heartbeatIntervalMilliseconds: Int32 = 0
    /// The partitions of the member; `nil` where they are as before.
    package var assignment: Assignment?

    package init() {}

    package init(errorCode: ErrorCode, errorMessage: String? = nil) {
        self.errorCode = errorCode
        self.errorMessage = errorMessage
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.int32(&throttleMilliseconds)
        try coder.errorCode(&errorCode)
        try coder.nullableString(&errorMessage)
        try coder.nullableString(&memberID)
        try coder.int32(&memberEpoch)
        try coder.int32(&heartbeatIntervalMilliseconds)
        try coder.nullable(&assignment)
        try coder.taggedFields()
    }
}

/// Partitions of one topic, by the topic's id.
package struct GroupTopicPartitions: WireFields {
    /// The id of the topic.
    package var topicID = KafkaUUID.zero
    /// The numbers of the partitions.
    package var partitions: [Int32] = []

    package init() {}

    package init(topicID: KafkaUUID, partitions: [Int32]) {
        self.topicID = topicID
        self.partitions = partitions
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.uuid(&topicID)
        try coder.array(&partitions)
        try coder.taggedFields()
    }
}
