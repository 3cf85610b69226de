import KafkaProtocol
import NIOCore

/// One generation of a group of the classic protocol, and what its members are told of it.
struct GroupGeneration {
    /// Incremented by every completed rebalance; 0 before the first.
    var number: Int32 = 0
    var protocolType: String?
    var protocolName: String?
    var leaderID: String?

    /// What this member is told when it has joined.
    func joinAnswer(to member: GroupMember, of members: GroupMembers) -> JoinAnswer {
        JoinAnswer(
            error: .none,
            generation: number,
            protocolType: protocolType,
            protocolName: protocolName,
            leaderID: leaderID ?? "",
            skipAssignment: false,
            memberID: member.id,
            members: member.id == leaderID ? roster(of: members) : []
        )
    }

    /// What a static member is told that came back into a generation which goes on. A leader must not assign anew then:
    /// clients of version 9 are told so; older ones are told their own old id as the leader's, which has the same effect.
    func joinAnswer(
        toReturning memberID: String,
        oldLeaderID: String?,
        _ join: GroupJoin,
        of members: GroupMembers
    ) -> JoinAnswer {
        let skips = join.canSkipAssignment && leaderID == memberID
        return JoinAnswer(
            error: .none,
            generation: number,
            protocolType: protocolType,
            protocolName: protocolName,
            leaderID: (join.canSkipAssignment ? leaderID : oldLeaderID) ?? "",
            skipAssignment: skips,
            memberID: memberID,
            members: skips ? roster(of: members) : []
        )
    }

    func syncAnswer(with assignment: ByteBuffer?) -> SyncAnswer {
        SyncAnswer(
            error: .none,
            protocolType: protocolType,
            protocolName: protocolName,
            assignment: assignment ?? ByteBuffer()
        )
    }

    /// The members, as the leader is told.
    private func roster(of members: GroupMembers) -> [JoinAnswer.Member] {
        members.inOrder.map {
            JoinAnswer.Member(id: $0.id, instanceID: $0.instanceID, metadata: $0.metadata(for: protocolName))
        }
    }
}
