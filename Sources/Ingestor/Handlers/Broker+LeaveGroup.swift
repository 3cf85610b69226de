import KafkaProtocol

extension Broker {
    /// Members leave. Before version 3 it is one, whose outcome is that of the request.
    func leaveGroup(_ request: LeaveGroupRequest, _ context: RequestContext) -> Reply {
        var response = LeaveGroupResponse()
        // Each is looked for under the group's lock: a group has no more.
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
