import KafkaProtocol
import NIOCore

extension Broker {
    /// A member joins; the answer comes with the next generation.
    func joinGroup(_ request: JoinGroupRequest, _ context: RequestContext) -> Reply {
        guard !request.groupID.isEmpty else {
            return .now(Self.answer(.failed(.invalidGroupID, memberID: request.memberID)))
        }
        let session = TimeAmount.milliseconds(Int64(request.sessionTimeoutMilliseconds))
        // Version 0 has one time for both.
        let rebalance =
            context.version == 0
            ? session : TimeAmount.milliseconds(Int64(max(1, request.rebalanceTimeoutMilliseconds)))
        var generator = SystemRandomNumberGenerator()
        let name = request.groupInstanceID ?? context.clientID
        let proposed = "\(name)-\(ClusterIdentity.identifier(using: &generator))"
        let waiting = groups.join(group: request.groupID, on: context.eventLoop) { token in
            GroupJoin(
                token: token,
                memberID: request.memberID,
                instanceID: request.groupInstanceID,
                proposedMemberID: proposed,
                mustKnowMemberID: context.version >= 4,
                canSkipAssignment: context.version >= 9,
                sessionTimeout: session,
                rebalanceTimeout: rebalance,
                protocolType: request.protocolType,
                // Copies: the group keeps them long after the buffer of the request is gone.
                protocols: request.protocols.map { GroupProtocol(name: $0.name, metadata: $0.metadata.ownBytes) }
            )
        }
        return .later(
            Reply.Pending(
                reply: waiting.answer.map { Reply.Settled.answer(Self.answer($0)) },
                needsRequest: false,
                abandon: waiting.abandon
            )
        )
    }

    private static func answer(_ join: JoinAnswer) -> Answer {
        var response = JoinGroupResponse()
        response.errorCode = join.error
        response.generationID = join.generation
        response.protocolType = join.protocolType
        response.protocolName = join.protocolName
        response.leader = join.leaderID
        response.skipsAssignment = join.skipAssignment
        response.memberID = join.memberID
        response.members = join.members.map {
            .init(memberID: $0.id, groupInstanceID: $0.instanceID, metadata: $0.metadata)
        }
        return Answer(response)
    }
}

extension ByteBuffer {
    /// These bytes in storage of their own.
    var ownBytes: ByteBuffer { ByteBuffer(bytes: readableBytesView) }
}
