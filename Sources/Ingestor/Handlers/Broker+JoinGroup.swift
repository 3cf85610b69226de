import KafkaProtocol
import NIOCore

extension Broker {
    /// A member joins; the answer comes with the next generation.
    func joinGroup(_ request: JoinGroupRequest, _ context: RequestContext) -> Reply {
        if let problem = problem(with: request) {
            return .now(Self.answer(.failed(problem, memberID: request.memberID)))
        }
        let session = TimeAmount.milliseconds(Int64(request.sessionTimeoutMilliseconds))
        // Version 0 has one time for both.
        let rebalance =
            context.version == 0
            ? session : TimeAmount.milliseconds(Int64(max(1, request.rebalanceTimeoutMilliseconds)))
        var generator = SystemRandomNumberGenerator()
        let proposed = "\(memberName(request, context))-\(ClusterIdentity.identifier(using: &generator))"
        // Copies: the group keeps them long after the buffer of the request is gone.
        let protocols = request.protocols.map { GroupProtocol(name: $0.name, metadata: $0.metadata.ownBytes) }
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
                protocols: protocols
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

    /// What is refused before anything of the request is copied.
    private func problem(with request: JoinGroupRequest) -> ErrorCode? {
        let limits = configuration.limits
        if request.groupID.isEmpty || request.groupID.utf8.count > limits.groupNameBytesMax { return .invalidGroupID }
        if request.protocols.count > configuration.groups.protocolsMax { return .invalidRequest }
        if let name = request.groupInstanceID, name.utf8.count > limits.groupNameBytesMax { return .invalidRequest }
        let byteCount = request.protocols.reduce(0) { $0 + $1.name.utf8.count + $1.metadata.readableBytes }
        return byteCount > configuration.groups.bytesMax ? .groupMaxSizeReached : nil
    }

    /// A member's name begins with that of the client, or of the static member.
    private func memberName(_ request: JoinGroupRequest, _ context: RequestContext) -> String {
        let name = request.groupInstanceID ?? context.clientID
        return String(decoding: name.utf8.prefix(configuration.limits.groupNameBytesMax), as: UTF8.self)
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
