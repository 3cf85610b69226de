package import NIOCore

/// How consumer groups are run.
package struct GroupSettings: Sendable, Equatable {
    /// How long the first rebalance of an empty group waits for further members, so that a fleet which starts together is
    /// assigned once (`group.initial.rebalance.delay.ms`). Kafka waits 3 s; here a group is ready almost at once.
    package var initialRebalanceDelay = TimeAmount.milliseconds(100)
    /// The least session timeout that a member may ask for.
    package var sessionTimeoutMin: TimeAmount
    /// The greatest one.
    package var sessionTimeoutMax: TimeAmount
    /// How long a new member's first join may wait before the group forgets it.
    package var newMemberJoinTimeout: TimeAmount
    /// Members of one group.
    package var membersMax: Int
    /// Ways to assign partitions that one member may offer.
    package var protocolsMax: Int
    /// Names, metadata and assignments of one group's members.
    package var bytesMax: Int
    /// The same of all groups.
    package var allBytesMax: Int

    package init(limits: IngestorLimits = IngestorLimits()) {
        sessionTimeoutMin = limits.sessionTimeoutMin
        sessionTimeoutMax = limits.sessionTimeoutMax
        newMemberJoinTimeout = limits.newMemberJoinTimeout
        membersMax = limits.groupMembersMax
        protocolsMax = limits.groupProtocolsMax
        bytesMax = limits.groupBytesMax
        allBytesMax = limits.allGroupsBytesMax
    }
}
