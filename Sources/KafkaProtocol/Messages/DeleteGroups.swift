/// Deletes groups without members, with all that they committed.
package struct DeleteGroupsRequest: WireRequest {
    package static var api: APIKey { .deleteGroups }

    /// The groups.
    package var groups: [String] = []

    package init() {}

    package init(groups: [String]) {
        self.groups = groups
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.array(&groups)
        try coder.taggedFields()
    }
}

/// Which groups were deleted.
package struct DeleteGroupsResponse: WireResponse {
    package static var api: APIKey { .deleteGroups }

    /// The outcome for one group.
    package struct Group: WireFields {
        /// The id of the group.
        package var groupID = ""
        /// The outcome.
        package var errorCode = ErrorCode.none

        package init() {}

        package init(groupID: String, errorCode: ErrorCode = .none) {
            self.groupID = groupID
            self.errorCode = errorCode
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.string(&groupID)
            try coder.errorCode(&errorCode)
            try coder.taggedFields()
        }
    }

    /// How long the client must wait before its next request. No quotas are enforced here: 0.
    package var throttleMilliseconds: Int32 = 0
    /// The outcomes by group.
    package var groups: [Group] = []

    package init() {}

    package init(throttleMilliseconds: Int32, groups: [Group] = []) {
        self.throttleMilliseconds = throttleMilliseconds
        self.groups = groups
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.int32(&throttleMilliseconds)
        try coder.array(&groups)
        try coder.taggedFields()
    }
}
