package import NIOCore

/// Joins a consumer group, or joins it again when it rebalances.
package struct JoinGroupRequest: WireRequest {
    package static var api: APIKey { .joinGroup }

    /// A way to assign partitions that the member knows.
    package struct MemberProtocol: WireFields {
        /// The name of the protocol.
        package var name = ""
        /// What the member sends to the leader; opaque here.
        package var metadata = ByteBuffer()

        package init() {}

        package init(name: String, metadata: ByteBuffer = ByteBuffer()) {
            self.name = name
            self.metadata = metadata
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.string(&name)
            try coder.bytes(&metadata)
            try coder.taggedFields()
        }
    }

    /// The group.
    package var groupID = ""
    /// The member is removed after this time without a heartbeat.
    package var sessionTimeoutMilliseconds: Int32 = 0
    /// How long the coordinator waits for members to join again; the session timeout before version 1.
    package var rebalanceTimeoutMilliseconds: Int32 = -1
    /// The id that the coordinator gave; empty for a new member.
    package var memberID = ""
    /// The name that a static member keeps over restarts (KIP-345).
    package var groupInstanceID: String?
    /// What the group is for: `consumer`, `connect` and so on.
    package var protocolType = ""
    /// The protocols that the member knows, the preferred one first.
    package var protocols: [MemberProtocol] = []
    /// Why the member joins, for logs.
    package var reason: String?

    package init() {}

    package init(
        groupID: String,
        sessionTimeoutMilliseconds: Int32 = 0,
        rebalanceTimeoutMilliseconds: Int32 = -1,
        memberID: String = "",
        groupInstanceID: String? = nil,
        protocolType: String = "",
        protocols: [MemberProtocol] = [],
        reason: String? = nil
    ) {
        self.groupID = groupID
        self.sessionTimeoutMilliseconds = sessionTimeoutMilliseconds
        self.rebalanceTimeoutMilliseconds = rebalanceTimeoutMilliseconds
        self.memberID = memberID
        self.groupInstanceID = groupInstanceID
        self.protocolType = protocolType
        self.protocols = protocols
        self.reason = reason
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.string(&groupID)
        try coder.int32(&sessionTimeoutMilliseconds)
        if coder.version >= 1 { try coder.int32(&rebalanceTimeoutMilliseconds) }
        try coder.string(&memberID)
        if coder.version >= 5 { try coder.nullableString(&groupInstanceID) }
        try coder.string(&protocolType)
        try coder.array(&protocols)
        if coder.version >= 8 { try coder.nullableString(&reason) }
        try coder.taggedFields()
    }
}

/// The generation that the member is in. Only its leader learns of the others.
package struct JoinGroupResponse: WireResponse {
    package static var api: APIKey { .joinGroup }

    /// One member, as the leader sees it.
    package struct Member: WireFields {
        /// The id of the member.
        package var memberID = ""
        /// The name that a static member keeps over restarts (KIP-345).
        package var groupInstanceID: String?
        /// The member's metadata; opaque here.
        package var metadata = ByteBuffer()

        package init() {}

        package init(memberID: String, groupInstanceID: String? = nil, metadata: ByteBuffer = ByteBuffer()) {
            self.memberID = memberID
            self.groupInstanceID = groupInstanceID
            self.metadata = metadata
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.string(&memberID)
            if coder.version >= 5 { try coder.nullableString(&groupInstanceID) }
            try coder.bytes(&metadata)
            try coder.taggedFields()
        }
    }

    /// How long the client must wait before its next request. No quotas are enforced here: 0.
    package var throttleMilliseconds: Int32 = 0
    /// The outcome.
    package var errorCode = ErrorCode.none
    /// The generation; -1 in an error.
    package var generationID: Int32 = -1
    /// What the group is for.
    package var protocolType: String?
    /// The protocol that all members know. Before version 7 an error has an empty one.
    package var protocolName: String?
    /// The id of the leader.
    package var leader = ""
    /// Whether the leader must keep the assignment as it is (KIP-814).
    package var skipsAssignment = false
    /// The id of the member that asked.
    package var memberID = ""
    /// All members; empty for all but the leader.
    package var members: [Member] = []

    package init() {}

    package init(
        throttleMilliseconds: Int32,
        errorCode: ErrorCode = .none,
        generationID: Int32 = -1,
        protocolType: String? = nil,
        protocolName: String? = nil,
        leader: String = "",
        skipsAssignment: Bool = false,
        memberID: String = "",
        members: [Member] = []
    ) {
        self.throttleMilliseconds = throttleMilliseconds
        self.errorCode = errorCode
        self.generationID = generationID
        self.protocolType = protocolType
        self.protocolName = protocolName
        self.leader = leader
        self.skipsAssignment = skipsAssignment
        self.memberID = memberID
        self.members = members
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        if coder.version >= 2 { try coder.int32(&throttleMilliseconds) }
        try coder.errorCode(&errorCode)
        try coder.int32(&generationID)
        if coder.version >= 7 {
            try coder.nullableString(&protocolType)
            try coder.nullableString(&protocolName)
        } else {
            var name = protocolName ?? ""
            try coder.string(&name)
            protocolName = name
        }
        try coder.string(&leader)
        if coder.version >= 9 { try coder.bool(&skipsAssignment) }
        try coder.string(&memberID)
        try coder.array(&members)
        try coder.taggedFields()
    }
}
