import KafkaProtocol

extension Broker {
    /// Every group is coordinated here. Transactions are not offered, so nobody coordinates them.
    func findCoordinator(_ request: FindCoordinatorRequest, _ context: RequestContext) -> Reply {
        var response = FindCoordinatorResponse()
        response.coordinators = request.keys.map { key in
            guard request.keyType == 0 else {
                return .init(
                    key: key,
                    errorCode: .coordinatorNotAvailable,
                    errorMessage: "only consumer groups are coordinated here: transactions are not offered"
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
