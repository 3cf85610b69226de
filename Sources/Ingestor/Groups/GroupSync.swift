package import NIOCore

/// A SyncGroup request as the group sees it.
package struct GroupSync: Sendable {
    package var token: ReplyToken
    package var generation: Int32
    package var memberID: String
    package var instanceID: String?
    /// From version 5: must be the group's.
    package var protocolType: String?
    /// From version 5: must be the generation's.
    package var protocolName: String?
    /// What each member shall do, by member; only the leader has something here.
    package var assignments: [String: ByteBuffer]

    package init(
        token: ReplyToken,
        generation: Int32,
        memberID: String,
        instanceID: String? = nil,
        protocolType: String? = nil,
        protocolName: String? = nil,
        assignments: [String: ByteBuffer] = [:]
    ) {
        self.token = token
        self.generation = generation
        self.memberID = memberID
        self.instanceID = instanceID
        self.protocolType = protocolType
        self.protocolName = protocolName
        self.assignments = assignments
    }
}
