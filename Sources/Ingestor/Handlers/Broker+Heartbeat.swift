import KafkaProtocol

extension Broker {
    func heartbeat(_ request: HeartbeatRequest) -> Reply {
        let error = groups.heartbeat(
            group: request.groupID,
            memberID: request.memberID,
            instanceID: request.groupInstanceID,
            generation: request.generationID
        )
        return .now(Answer(HeartbeatResponse(throttleMilliseconds: 0, errorCode: error)))
    }
}
