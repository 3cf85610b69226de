import KafkaProtocol

extension Broker {
    private static let groupKeyType: Int8 = 0
    private static let transactionKeyType: Int8 = 1

    /// Every group is coordinated here. Transactions are not offered: who asks for their coordinator is told what ends the
    /// attempt at once, as "not available" would have clients ask again until their time is over. Each key is answered once.
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
