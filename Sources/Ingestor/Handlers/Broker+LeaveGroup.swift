import KafkaProtocol

extension Broker {
    /// Members leave. Before version 3 it is one, whose outcome is that of the request.
    func leaveGroup(_ request: LeaveGroupRequest, _ context: RequestContext) -> Reply {
        var response = LeaveGroupResponse()
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
