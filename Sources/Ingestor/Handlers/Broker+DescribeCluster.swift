import KafkaProtocol

extension Broker {
    /// The one node, with the address that the client connected to.
    func describeCluster(_ request: DescribeClusterRequest, _ context: RequestContext) -> Reply {
        var response = DescribeClusterResponse()
        response.endpointType = request.endpointType
        switch ClusterEndpoint(rawValue: request.endpointType) {
        case .brokers:
            response.clusterID = clusterID
            response.controllerID = ClusterIdentity.nodeID
            response.brokers = [
                .init(
                    nodeID: ClusterIdentity.nodeID,
                    host: context.advertised.host,
                    port: Int32(context.advertised.port)
                )
            ]
            if request.includesAuthorizedOperations { response.authorizedOperations = AuthorizedOperations.cluster }
        case .controllers:
            response.errorCode = .mismatchedEndpointType
            response.errorMessage = "this is a listener of brokers, not of controllers"
        case nil:
            response.errorCode = .unsupportedEndpointType
            response.errorMessage = "there are no nodes of type \(request.endpointType)"
        }
        return .now(Answer(response))
    }
}
