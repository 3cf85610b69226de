package import NIOCore

/// Brings the leader's assignment, and asks for the member's own part of it.
package struct SyncGroupRequest: WireRequest {
    package static var api: APIKey { .syncGroup }

    /// What the leader gives to one member.
    package struct Assignment: WireFields {
        /// The id of the member.
        package var memberID = ""
        /// Its partitions; opaque here.
        package var assignment = ByteBuffer()

        package init() {}

        package init(memberID: String, assignment: ByteBuffer = ByteBuffer()) {
            self.memberID = memberID
            self.assignment = assignment
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.string(&memberID)
            try coder.bytes(&assignment)
            try coder.taggedFields()
        }
    }

    /// The group.
    package var groupID = ""
    /// The generation.
    package var generationID: Int32 = 0
    /// The id of the member that asks.
    package var memberID = ""
    /// The name that a static member keeps over restarts (KIP-345).
    package var groupInstanceID: String?
    /// What the group is for.
    package var protocolType: String?
    /// The protocol that was chosen.
    package var protocolName: String?
    /// What the leader gives to each; empty from all others.
    package var assignments: [Assignment] = []

    package init() {}

    package init(
        groupID: String,
        generationID: Int32 = 0,
        memberID: String = "",
        groupInstanceID: String? = nil,
        protocolType: String? = nil,
        protocolName: String? = nil,
        assignments: [Assignment] = []
    ) {
        self.groupID = groupID
        self.generationID = generationID
        self.memberID = memberID
        self.groupInstanceID = groupInstanceID
        self.protocolType = protocolType
        self.protocolName = protocolName
        self.assignments = assignments
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.string(&groupID)
        try coder.int32(&generationID)
        try coder.string(&memberID)
        if coder.version >= 3 { try coder.nullableString(&groupInstanceID) }
        if coder.version >= 5 {
            try coder.nullableString(&protocolType)
            try coder.nullableString(&protocolName)
        }
        try coder.array(&assignments)
        try coder.taggedFields()
    }
}

/// What the member was given.
package struct SyncGroupResponse: WireResponse {
    package static var api: APIKey { .syncGroup }

    /// How long the client must wait before its next request. No quotas are enforced here: 0.
    package var throttleMilliseconds: Int32 = 0
    /// The outcome.
    package var errorCode = ErrorCode.none
    /// What the group is for.
    package var protocolType: String?
    /// The protocol that was chosen.
    package var protocolName: String?
    /// The partitions of the member; opaque here.
    package var assignment = ByteBuffer()

    package init() {}

    package init(
        throttleMilliseconds: Int32,
        errorCode: ErrorCode = .none,
        protocolType: String? = nil,
        protocolName: String? = nil,
        assignment: ByteBuffer = ByteBuffer()
    ) {
        self.throttleMilliseconds = throttleMilliseconds
        self.errorCode = errorCode
        self.protocolType = protocolType
        self.protocolName = protocolName
        self.assignment = assignment
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        if coder.version >= 1 { try coder.int32(&throttleMilliseconds) }
        try coder.errorCode(&errorCode)
        if coder.version >= 5 {
            try coder.nullableString(&protocolType)
            try coder.nullableString(&protocolName)
        }
        try coder.bytes(&assignment)
        try coder.taggedFields()
    }
}
