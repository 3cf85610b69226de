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
