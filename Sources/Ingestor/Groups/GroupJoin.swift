package import NIOCore

/// A JoinGroup request as the group sees it.
package struct GroupJoin: Sendable {
    package var token: ReplyToken
    /// Empty for a member that has no name yet.
    package var memberID: String
    /// The name of a static member (KIP-345).
    package var instanceID: String?
    /// What the member is called if this join makes it one; must never have been used before.
    package var proposedMemberID: String
    /// Whether a nameless member must come back with its new name before it counts (KIP-394, JoinGroup from version 4).
    package var mustKnowMemberID: Bool
    /// Whether the client understands "you lead, but do not assign" (KIP-814, JoinGroup from version 9).
    package var canSkipAssignment: Bool
    package var sessionTimeout: TimeAmount
    package var rebalanceTimeout: TimeAmount
    package var protocolType: String
    /// In the member's order of preference.
    package var protocols: [GroupProtocol]

    /// What it would have the group keep.
    var byteCount: Int {
        let name = memberID.isEmpty ? proposedMemberID : memberID
        return protocols.reduce(name.utf8.count + (instanceID?.utf8.count ?? 0)) { $0 + $1.byteCount }
    }

    package init(
        token: ReplyToken,
        memberID: String,
        instanceID: String? = nil,
        proposedMemberID: String,
        mustKnowMemberID: Bool = false,
        canSkipAssignment: Bool = false,
        sessionTimeout: TimeAmount,
        rebalanceTimeout: TimeAmount,
        protocolType: String,
        protocols: [GroupProtocol]
    ) {
        self.token = token
        self.memberID = memberID
        self.instanceID = instanceID
        self.proposedMemberID = proposedMemberID
        self.mustKnowMemberID = mustKnowMemberID
        self.canSkipAssignment = canSkipAssignment
        self.sessionTimeout = sessionTimeout
        self.rebalanceTimeout = rebalanceTimeout
        self.protocolType = protocolType
        self.protocols = protocols
    }
}
