/// Takes members out of a group. Versions before 3 take out one.
package struct LeaveGroupRequest: WireRequest {
    package static var api: APIKey { .leaveGroup }

    /// A member that leaves.
    package struct Member: WireFields {
        /// The id of the member.
        package var memberID = ""
        /// The name that a static member keeps over restarts (KIP-345).
        package var groupInstanceID: String?
        /// Why it leaves, for logs.
        package var reason: String?

        package init() {}

        package init(memberID: String, groupInstanceID: String? = nil, reason: String? = nil) {
            self.memberID = memberID
            self.groupInstanceID = groupInstanceID
            self.reason = reason
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.string(&memberID)
            try coder.nullableString(&groupInstanceID)
            if coder.version >= 5 { try coder.nullableString(&reason) }
            try coder.taggedFields()
        }
    }

    /// The group.
    package var groupID = ""
    /// Who leaves.
    package var members: [Member] = []

    package init() {}

    package init(groupID: String, members: [Member] = []) {
        self.groupID = groupID
        self.members = members
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.string(&groupID)
        if coder.version >= 3 {
            try coder.array(&members)
        } else {
            var only = members.first ?? Member()
            try coder.string(&only.memberID)
            members = [only]
        }
        try coder.taggedFields()
    }
}

/// Who left.
package struct LeaveGroupResponse: WireResponse {
    package static var api: APIKey { .leaveGroup }

    /// The outcome for one member.
    package struct Member: WireFields {
        /// The id of the member.
        package var memberID = ""
        /// The name that a static member keeps over restarts (KIP-345).
        package var groupInstanceID: String?
        /// The outcome.
        package var errorCode = ErrorCode.none

        package init() {}

        package init(memberID: String, groupInstanceID: String? = nil, errorCode: ErrorCode = .none) {
            self.memberID = memberID
            self.groupInstanceID = groupInstanceID
            self.errorCode = errorCode
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.string(&memberID)
            try coder.nullableString(&groupInstanceID)
            try coder.errorCode(&errorCode)
            try coder.taggedFields()
        }
    }

    /// How long the client must wait before its next request. No quotas are enforced here: 0.
    package var throttleMilliseconds: Int32 = 0
    /// The outcome.
    package var errorCode = ErrorCode.none
    /// The outcomes by member.
    package var members: [Member] = []

    package init() {}

    package init(throttleMilliseconds: Int32, errorCode: ErrorCode = .none, members: [Member] = []) {
        self.throttleMilliseconds = throttleMilliseconds
        self.errorCode = errorCode
        self.members = members
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        if coder.version >= 1 { try coder.int32(&throttleMilliseconds) }
        try coder.errorCode(&errorCode)
        if coder.version >= 3 { try coder.array(&members) }
        try coder.taggedFields()
    }
}
