import KafkaProtocol
import NIOCore

extension GroupStateMachine {
    /// A static member came back without its name (it was restarted): it gets a new one and its old place.
    ///
    /// The old name is fenced at once, also where a request of it still waits. In a stable group whose protocol stays the
    /// same nothing is rebalanced: that is what static membership is for (KIP-345).
    mutating func replaceStaticMember(
        _ oldID: String,
        by join: GroupJoin,
        now: NIODeadline,
        _ actions: inout [GroupAction]
    ) {
        guard let old = drop(oldID) else { return }
        if let token = old.waitingJoin {
            actions.append(.answerJoin(token, .failed(.fencedInstanceID, memberID: oldID)))
        }
        if let token = old.waitingSync { actions.append(.answerSync(token, .failed(.fencedInstanceID))) }
        let newID = join.proposedMemberID
        let oldLeaderID = leaderID
        keep(
            GroupMember(
                id: newID,
                instanceID: old.instanceID,
                arrival: old.arrival,
                sessionTimeout: join.sessionTimeout,
                rebalanceTimeout: join.rebalanceTimeout,
                protocols: join.protocols,
                hasSynced: old.hasSynced,
                assignment: old.assignment,
                sessionDeadline: now + join.sessionTimeout
            )
        )
        if let instanceID = old.instanceID { staticMembers[instanceID] = newID }
        if leaderID == oldID { leaderID = newID }

        if phase == .stable, commonProtocol() == protocolName {
            actions.append(.answerJoin(join.token, answerToReturning(newID, oldLeaderID: oldLeaderID, join)))
        } else {
            members[newID]?.waitingJoin = join.token
            rebalance(now: now, &actions)
        }
    }

    /// A leader that came back must not assign anew. Clients of version 9 are told so; older ones are told their own old
    /// name as the leader's, which has the same effect.
    private func answerToReturning(_ memberID: String, oldLeaderID: String?, _ join: GroupJoin) -> JoinAnswer {
        let skips = join.canSkipAssignment && leaderID == memberID
        return JoinAnswer(
            error: .none,
            generation: generation,
            protocolType: protocolType,
            protocolName: protocolName,
            leaderID: (join.canSkipAssignment ? leaderID : oldLeaderID) ?? "",
            skipAssignment: skips,
            memberID: memberID,
            members: skips ? roster : []
        )
    }
}
