import KafkaProtocol
import NIOCore

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
                // Copies, as in a join. Who is named twice gets what was said last.
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
