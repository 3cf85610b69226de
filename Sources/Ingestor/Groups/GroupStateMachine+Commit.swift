package import KafkaProtocol
package import NIOCore

extension GroupStateMachine {
    /// May this member commit offsets in this generation? Hearing of it keeps its session alive.
    ///
    /// A commit without a generation (-1) comes from a client that assigns partitions to itself; it is taken as long as
    /// the group has no members. Everything else must come from a member of this very generation: whoever was given up
    /// can never move the group's offsets again.
    package mutating func receivedCommit(
        memberID: String,
        instanceID: String?,
        generation: Int32,
        now: NIODeadline
    ) -> ErrorCode {
        if phase == .dead { return .coordinatorNotAvailable }
        if generation < 0, members.isEmpty { return .none }
        if let problem = problem(withMember: memberID, instanceID: instanceID) { return problem }
        if generation != self.generation { return .illegalGeneration }
        members[memberID]?.heardOf(now: now)
        return phase == .completingRebalance ? .rebalanceInProgress : .none
    }
}
