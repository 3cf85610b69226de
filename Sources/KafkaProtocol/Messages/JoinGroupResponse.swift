package import NIOCore

/// The generation that the member is in. Only its leader learns of the others.
package struct JoinGroupResponse: WireResponse {
    package static var api: APIKey { .joinGroup }

    /// One member, as the leader sees it.
    package struct Member: WireFields {
        /// The id of the member.
        package var memberID = ""
        /// The name that a static member keeps over restarts (KIP-345).
        package var groupInstanceID: String?
        /// What the member said; opaque here.
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
    /// Whether the leader must not assign anew (KIP-814).
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
