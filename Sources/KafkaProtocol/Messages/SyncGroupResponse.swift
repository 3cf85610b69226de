package import NIOCore

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
