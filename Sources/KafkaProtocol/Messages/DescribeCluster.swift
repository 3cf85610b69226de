/// Asks for the nodes of the cluster (KIP-700).
package struct DescribeClusterRequest: WireRequest {
    package static var api: APIKey { .describeCluster }

    /// Whether to say what the client may do with the cluster.
    package var includesAuthorizedOperations = false
    /// Which nodes are meant: see ``ClusterEndpoint``.
    package var endpointType: Int8 = ClusterEndpoint.brokers.rawValue
    /// Whether nodes that are fenced are meant too. There is one node, and it answers.
    package var includesFencedBrokers = false

    package init() {}

    package init(includesAuthorizedOperations: Bool, endpointType: Int8 = ClusterEndpoint.brokers.rawValue) {
        self.includesAuthorizedOperations = includesAuthorizedOperations
        self.endpointType = endpointType
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.bool(&includesAuthorizedOperations)
        if coder.version >= 1 { try coder.int8(&endpointType) }
        if coder.version >= 2 { try coder.bool(&includesFencedBrokers) }
        try coder.taggedFields()
    }
}

/// The nodes of the cluster.
package struct DescribeClusterResponse: WireResponse {
    package static var api: APIKey { .describeCluster }

    /// One node.
    package struct Broker: WireFields {
        /// The number of the node.
        package var nodeID: Int32 = 0
        /// Where clients reach it.
        package var host = ""
        /// The port of its Kafka listener.
        package var port: Int32 = 0
        /// The rack it stands in.
        package var rack: String?
        /// Whether it may lead no partition.
        package var isFenced = false

        package init() {}

        package init(nodeID: Int32, host: String, port: Int32) {
            self.nodeID = nodeID
            self.host = host
            self.port = port
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.int32(&nodeID)
            try coder.string(&host)
            try coder.int32(&port)
            try coder.nullableString(&rack)
            if coder.version >= 2 { try coder.bool(&isFenced) }
            try coder.taggedFields()
        }
    }

    /// How long the client must wait before its next request. No quotas are enforced here: 0.
    package var throttleMilliseconds: Int32 = 0
    /// The outcome.
    package var errorCode = ErrorCode.none
    /// The outcome in words.
    package var errorMessage: String?
    /// Which nodes these are: see ``ClusterEndpoint``.
    package var endpointType: Int8 = ClusterEndpoint.brokers.rawValue
    /// The name of the cluster.
    package var clusterID = ""
    /// The node that creates and deletes topics.
    package var controllerID: Int32 = -1
    /// The nodes.
    package var brokers: [Broker] = []
    /// What the client may do with the cluster, as bits; the least Int32 where that was not asked.
    package var authorizedOperations: Int32 = .min

    package init() {}

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.int32(&throttleMilliseconds)
        try coder.errorCode(&errorCode)
        try coder.nullableString(&errorMessage)
        if coder.version >= 1 { try coder.int8(&endpointType) }
        try coder.string(&clusterID)
        try coder.int32(&controllerID)
        try coder.array(&brokers)
        try coder.int32(&authorizedOperations)
        try coder.taggedFields()
    }
}

/// The kinds of nodes of a cluster, with their numbers on the wire.
package enum ClusterEndpoint: Int8, Sendable {
    case brokers = 1
    case controllers = 2
}
