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
        let client = client(of: context)
        let proposed = "\(memberName(request, context))-\(KafkaUUID.random())"
        // Copies: the group keeps them long after the buffer of the request is gone.
        let protocols = request.protocols.map { GroupProtocol(name: $0.name, metadata: $0.metadata.ownBytes) }
        let waiting = groups.join(group: request.groupID, topics.view, on: context.eventLoop) { token in
            GroupJoin(
                token: token,
                memberID: request.memberID,
                instanceID: request.groupInstanceID,
                client: client,
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

    /// Checks the limits before anything of the request is copied.
    private func problem(with request: JoinGroupRequest) -> ErrorCode? {
        let limits = configuration.limits
        if request.groupID.isEmpty || request.groupID.utf8.count > limits.groupNameBytesMax { return .invalidGroupID }
        // A longer one was never given to a member.
        if request.memberID.utf8.count > limits.memberIDBytesMax { return .unknownMemberID }
        if request.protocols.count > configuration.groups.protocolsMax { return .invalidRequest }
        if let name = request.groupInstanceID, name.utf8.count > limits.groupNameBytesMax { return .invalidRequest }
        let byteCount = request.protocols.reduce(0) { $0 + $1.name.utf8.count + $1.metadata.readableBytes }
        return byteCount > configuration.groups.bytesMax ? .groupMaxSizeReached : nil
    }

    /// A member id begins with the client id, or with the instance id of a static member.
    private func memberName(_ request: JoinGroupRequest, _ context: RequestContext) -> String {
        shortened(request.groupInstanceID ?? context.clientID)
    }

    /// The client behind a request, as groups keep it.
    func client(of context: RequestContext) -> GroupClient {
        GroupClient(id: shortened(context.clientID), host: context.clientHost)
    }

    private func shortened(_ name: String) -> String {
        String(decoding: name.utf8.prefix(configuration.limits.groupNameBytesMax), as: UTF8.self)
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

extension Broker {
    /// A member asks for its assignment; the answer comes when the leader has brought it.
    func syncGroup(_ request: SyncGroupRequest, _ context: RequestContext) -> Reply {
        let byteCount = request.assignments.reduce(0) { $0 + $1.memberID.utf8.count + $1.assignment.readableBytes }
        guard byteCount <= configuration.groups.bytesMax else {
            var refused = SyncGroupResponse()
            refused.errorCode = .invalidRequest
            return .now(Answer(refused))
        }
        let waiting = groups.sync(group: request.groupID, on: context.eventLoop) { token in
            GroupSync(
                token: token,
                generation: request.generationID,
                memberID: request.memberID,
                instanceID: request.groupInstanceID,
                protocolType: request.protocolType,
                protocolName: request.protocolName,
                // Copies, as in a join. The last assignment of a member counts.
                assignments: Dictionary(
                    request.assignments.map { ($0.memberID, $0.assignment.ownBytes) },
                    uniquingKeysWith: { _, last in last }
                )
            )
        }
        let reply = waiting.answer.map { sync in
            var response = SyncGroupResponse()
            response.errorCode = sync.error
            response.protocolType = sync.protocolType
            response.protocolName = sync.protocolName
            response.assignment = sync.assignment
            return Reply.Settled.answer(Answer(response))
        }
        return .later(Reply.Pending(reply: reply, needsRequest: false, abandon: waiting.abandon))
    }
}

extension Broker {
    func heartbeat(_ request: HeartbeatRequest) -> Reply {
        let error = groups.heartbeat(
            group: request.groupID,
            memberID: request.memberID,
            instanceID: request.groupInstanceID,
            generation: request.generationID,
            topics.view
        )
        return .now(Answer(HeartbeatResponse(throttleMilliseconds: 0, errorCode: error)))
    }
}

extension Broker {
    /// Members leave. Before version 3 it is one, and its error is that of the request.
    func leaveGroup(_ request: LeaveGroupRequest, _ context: RequestContext) -> Reply {
        var response = LeaveGroupResponse()
        // Each is looked up under the group's lock; a group has no more members than that.
        guard request.members.count <= configuration.groups.membersMax else {
            response.errorCode = .invalidRequest
            return .now(Answer(response))
        }
        response.members = request.members.map { member in
            .init(
                memberID: member.memberID,
                groupInstanceID: member.groupInstanceID,
                errorCode: groups.leave(
                    group: request.groupID,
                    memberID: member.memberID,
                    instanceID: member.groupInstanceID
                )
            )
        }
        if context.version < 3 { response.errorCode = response.members.first?.errorCode ?? .none }
        return .now(Answer(response))
    }
}

extension Broker {
    private static let groupKeyType: Int8 = 0
    private static let transactionKeyType: Int8 = 1

    /// Every group is coordinated here. Transactions are not supported: the error for their coordinator is a fatal one, as
    /// "not available" would have clients retry until their timeout. Each key is answered once.
    func findCoordinator(_ request: FindCoordinatorRequest, _ context: RequestContext) -> Reply {
        var response = FindCoordinatorResponse()
        response.coordinators = request.keys.withoutRepetitions.map { key in
            switch request.keyType {
            case Self.groupKeyType: break
            case Self.transactionKeyType:
                return .init(
                    key: key,
                    errorCode: .transactionalIDAuthorizationFailed,
                    errorMessage: "only consumer groups are coordinated here: transactions are not offered"
                )
            default:
                return .init(
                    key: key,
                    errorCode: .invalidRequest,
                    errorMessage: "there is no coordinator of type \(request.keyType)"
                )
            }
            guard !key.isEmpty else { return .init(key: key, errorCode: .invalidGroupID) }
            return .init(
                key: key,
                nodeID: ClusterIdentity.nodeID,
                host: context.advertised.host,
                port: Int32(context.advertised.port)
            )
        }
        return .now(Answer(response))
    }
}
