/// Asks who is in groups of the protocol of KIP-848, what each member has and what it is to have.
package struct ConsumerGroupDescribeRequest: WireRequest {
    package static var api: APIKey { .consumerGroupDescribe }

    /// The groups.
    package var groupIDs: [String] = []
    /// Whether to say what the client may do with each group.
    package var includesAuthorizedOperations = false

    package init() {}

    package init(groupIDs: [String], includesAuthorizedOperations: Bool = false) {
        self.groupIDs = groupIDs
        self.includesAuthorizedOperations = includesAuthorizedOperations
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.array(&groupIDs)
        try coder.bool(&includesAuthorizedOperations)
        try coder.taggedFields()
    }
}

/// Who is in the groups.
package struct ConsumerGroupDescribeResponse: WireResponse {
    package static var api: APIKey { .consumerGroupDescribe }

    /// Partitions of one topic.
    package struct TopicPartitions: WireFields {
        /// The id of the topic.
        package var topicID = KafkaUUID.zero
        /// The name of the topic.
        package var topicName = ""
        /// The numbers of the partitions.
        package var partitions: [Int32] = []

        package init() {}

        package init(topicID: KafkaUUID, topicName: String, partitions: [Int32]) {
            self.topicID = topicID
            self.topicName = topicName
            self.partitions = partitions
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.uuid(&topicID)
            try coder.string(&topicName)
            try coder.array(&partitions)
            try coder.taggedFields()
        }
    }

    /// The partitions of a member.
    package struct Assignment: WireFields {
        /// The partitions by topic.
        package var topicPartitions: [TopicPartitions] = []

        package init() {}

        package init(topicPartitions: [TopicPartitions]) {
            self.topicPartitions = topicPartitions
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.array(&topicPartitions)
            try coder.taggedFields()
        }
    }

    /// A member of a group.
    package struct Member: WireFields {
        /// The ``memberType`` of a member that speaks the classic protocol.
        package static let classicType: Int8 = 0
        /// The ``memberType`` of a member that speaks this protocol.
        package static let consumerType: Int8 = 1

        /// The id of the member.
        package var memberID = ""
        /// The name that a static member keeps over restarts (KIP-345).
        package var instanceID: String?
        /// Where the member is.
        package var rackID: String?
        /// The epoch that the member has.
        package var memberEpoch: Int32 = 0
        /// The client's name for itself.
        package var clientID = ""
        /// Where it connects from.
        package var clientHost = ""
        /// The topics that it reads.
        package var subscribedTopicNames: [String] = []
        /// The regular expression of further topics that it reads.
        package var subscribedTopicRegex: String?
        /// What it has.
        package var assignment = Assignment()
        /// What it is to have.
        package var targetAssignment = Assignment()
        /// The protocol that it speaks: 0 the classic one, 1 this one, -1 unknown.
        package var memberType: Int8 = -1

        package init() {}

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.string(&memberID)
            try coder.nullableString(&instanceID)
            try coder.nullableString(&rackID)
            try coder.int32(&memberEpoch)
            try coder.string(&clientID)
            try coder.string(&clientHost)
            try coder.array(&subscribedTopicNames)
            try coder.nullableString(&subscribedTopicRegex)
            try assignment.code(&coder)
            try targetAssignment.code(&coder)
            if coder.version >= 1 { try coder.int8(&memberType) }
            try coder.taggedFields()
        }
    }

    /// A group.
    package struct Group: WireFields {
        /// The outcome.
        package var errorCode = ErrorCode.none
        /// The outcome in words.
        package var errorMessage: String?
        /// The id of the group.
        package var groupID = ""
        /// Its state by Kafka's name.
        package var state = ""
        /// Counts the changes of members, subscriptions and topics.
        package var groupEpoch: Int32 = 0
        /// The ``groupEpoch`` that partitions were last divided in.
        package var assignmentEpoch: Int32 = 0
        /// Who divides the partitions.
        package var assignorName = ""
        /// The members.
        package var members: [Member] = []
        /// What the client may do with it: a bit for each of Kafka's numbers of operations.
        package var authorizedOperations = DescribeGroupsResponse.Group.operationsOmitted

        package init() {}

        package init(groupID: String, errorCode: ErrorCode = .none, errorMessage: String? = nil, state: String = "") {
            self.groupID = groupID
            self.errorCode = errorCode
            self.errorMessage = errorMessage
            self.state = state
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.errorCode(&errorCode)
            try coder.nullableString(&errorMessage)
            try coder.string(&groupID)
            try coder.string(&state)
            try coder.int32(&groupEpoch)
            try coder.int32(&assignmentEpoch)
            try coder.string(&assignorName)
            try coder.array(&members)
            try coder.int32(&authorizedOperations)
            try coder.taggedFields()
        }
    }

    /// How long the client must wait before its next request. No quotas are enforced here: 0.
    package var throttleMilliseconds: Int32 = 0
    /// The groups.
    package var groups: [Group] = []

    package init() {}

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.int32(&throttleMilliseconds)
        try coder.array(&groups)
        try coder.taggedFields()
    }
}
