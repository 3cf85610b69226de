package import NIOCore

/// Asks who is in groups of the classic protocol, and what each member does.
package struct DescribeGroupsRequest: WireRequest {
    package static var api: APIKey { .describeGroups }

    /// The groups.
    package var groups: [String] = []
    /// Whether to say what the client may do with each group.
    package var includesAuthorizedOperations = false

    package init() {}

    package init(groups: [String], includesAuthorizedOperations: Bool = false) {
        self.groups = groups
        self.includesAuthorizedOperations = includesAuthorizedOperations
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.array(&groups)
        if coder.version >= 3 { try coder.bool(&includesAuthorizedOperations) }
        try coder.taggedFields()
    }
}

/// Who is in the groups.
package struct DescribeGroupsResponse: WireResponse {
    package static var api: APIKey { .describeGroups }

    /// A member of a group.
    package struct Member: WireFields {
        /// The id of the member.
        package var memberID = ""
        /// The name that a static member keeps over restarts (KIP-345).
        package var groupInstanceID: String?
        /// The client's name for itself.
        package var clientID = ""
        /// Where it connects from.
        package var clientHost = ""
        /// What it told the group for the chosen protocol; opaque here.
        package var metadata = ByteBuffer()
        /// What it has to do; opaque here.
        package var assignment = ByteBuffer()

        package init() {}

        package init(
            memberID: String,
            groupInstanceID: String? = nil,
            clientID: String = "",
            clientHost: String = "",
            metadata: ByteBuffer = ByteBuffer(),
            assignment: ByteBuffer = ByteBuffer()
        ) {
            self.memberID = memberID
            self.groupInstanceID = groupInstanceID
            self.clientID = clientID
            self.clientHost = clientHost
            self.metadata = metadata
            self.assignment = assignment
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.string(&memberID)
            if coder.version >= 4 { try coder.nullableString(&groupInstanceID) }
            try coder.string(&clientID)
            try coder.string(&clientHost)
            try coder.bytes(&metadata)
            try coder.bytes(&assignment)
            try coder.taggedFields()
        }
    }

    /// A group.
    package struct Group: WireFields {
        /// What ``authorizedOperations`` has where nobody asked.
        package static let operationsOmitted = Int32.min

        /// The outcome.
        package var errorCode = ErrorCode.none
        /// The outcome in words.
        package var errorMessage: String?
        /// The id of the group.
        package var groupID = ""
        /// Its state by Kafka's name.
        package var state = ""
        /// What its members are: `consumer`, `connect` and so on.
        package var protocolType = ""
        /// The protocol (assignor) that was chosen; empty while there is none.
        package var protocolName = ""
        /// The members.
        package var members: [Member] = []
        /// What the client may do with it: a bit for each of Kafka's numbers of operations.
        package var authorizedOperations = Group.operationsOmitted

        package init() {}

        package init(groupID: String, errorCode: ErrorCode = .none, errorMessage: String? = nil, state: String = "") {
            self.groupID = groupID
            self.errorCode = errorCode
            self.errorMessage = errorMessage
            self.state = state
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.errorCode(&errorCode)
            if coder.version >= 6 { try coder.nullableString(&errorMessage) }
            try coder.string(&groupID)
            try coder.string(&state)
            try coder.string(&protocolType)
            try coder.string(&protocolName)
            try coder.array(&members)
            if coder.version >= 3 { try coder.int32(&authorizedOperations) }
            try coder.taggedFields()
        }
    }

    /// How long the client must wait before its next request. No quotas are enforced here: 0.
    package var throttleMilliseconds: Int32 = 0
    /// The groups.
    package var groups: [Group] = []

    package init() {}

    package init(throttleMilliseconds: Int32, groups: [Group] = []) {
        self.throttleMilliseconds = throttleMilliseconds
        self.groups = groups
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        if coder.version >= 1 { try coder.int32(&throttleMilliseconds) }
        try coder.array(&groups)
        try coder.taggedFields()
    }
}
