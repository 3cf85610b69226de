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
