/// Says that a member lives, and asks whether the group rebalances.
package struct HeartbeatRequest: WireRequest {
    package static var api: APIKey { .heartbeat }

    /// The group.
    package var groupID = ""
    /// The generation.
    package var generationID: Int32 = 0
    /// The id of the member.
    package var memberID = ""
    /// The name that a static member keeps over restarts (KIP-345).
    package var groupInstanceID: String?

    package init() {}

    package init(groupID: String, generationID: Int32 = 0, memberID: String = "", groupInstanceID: String? = nil) {
        self.groupID = groupID
        self.generationID = generationID
        self.memberID = memberID
        self.groupInstanceID = groupInstanceID
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.string(&groupID)
        try coder.int32(&generationID)
        try coder.string(&memberID)
        if coder.version >= 3 { try coder.nullableString(&groupInstanceID) }
        try coder.taggedFields()
    }
}

/// Whether the member's generation is still the group's.
package struct HeartbeatResponse: WireResponse {
    package static var api: APIKey { .heartbeat }

    /// How long the client must wait before its next request. No quotas are enforced here: 0.
    package var throttleMilliseconds: Int32 = 0
    /// `rebalanceInProgress` asks the member to join again.
    package var errorCode = ErrorCode.none

    package init() {}

    package init(throttleMilliseconds: Int32, errorCode: ErrorCode = .none) {
        self.throttleMilliseconds = throttleMilliseconds
        self.errorCode = errorCode
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        if coder.version >= 1 { try coder.int32(&throttleMilliseconds) }
        try coder.errorCode(&errorCode)
        try coder.taggedFields()
    }
}
