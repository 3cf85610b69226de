/// Asks which groups there are.
package struct ListGroupsRequest: WireRequest {
    package static var api: APIKey { .listGroups }

    /// The states to list, in any case of letters; empty means all.
    package var states: [String] = []
    /// The types to list, in any case of letters; empty means all.
    package var types: [String] = []

    package init() {}

    package init(states: [String], types: [String] = []) {
        self.states = states
        self.types = types
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        if coder.version >= 4 { try coder.array(&states) }
        if coder.version >= 5 { try coder.array(&types) }
        try coder.taggedFields()
    }
}

/// The groups there are.
package struct ListGroupsResponse: WireResponse {
    package static var api: APIKey { .listGroups }

    /// A group.
    package struct Group: WireFields {
        /// The id of the group.
        package var groupID = ""
        /// What its members are: `consumer`, `connect` and so on; empty where it never had any.
        package var protocolType = ""
        /// Its state by Kafka's name: see `GroupStateMachine.Phase`.
        package var state = ""
        /// Which protocol coordinates it: `classic`, `consumer`, `share` or `streams`.
        package var type = ""

        package init() {}

        package init(groupID: String, protocolType: String = "", state: String = "", type: String = "") {
            self.groupID = groupID
            self.protocolType = protocolType
            self.state = state
            self.type = type
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.string(&groupID)
            try coder.string(&protocolType)
            if coder.version >= 4 { try coder.string(&state) }
            if coder.version >= 5 { try coder.string(&type) }
            try coder.taggedFields()
        }
    }

    /// How long the client must wait before its next request. No quotas are enforced here: 0.
    package var throttleMilliseconds: Int32 = 0
    /// The outcome.
    package var errorCode = ErrorCode.none
    /// The groups.
    package var groups: [Group] = []

    package init() {}

    package init(throttleMilliseconds: Int32, errorCode: ErrorCode = .none, groups: [Group] = []) {
        self.throttleMilliseconds = throttleMilliseconds
        self.errorCode = errorCode
        self.groups = groups
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        if coder.version >= 1 { try coder.int32(&throttleMilliseconds) }
        try coder.errorCode(&errorCode)
        try coder.array(&groups)
        try coder.taggedFields()
    }
}
