/// Asks which node coordinates groups or transactions. Versions before 4 ask for one key.
package struct FindCoordinatorRequest: WireRequest {
    package static var api: APIKey { .findCoordinator }

    /// What the keys are: 0 groups, 1 transactional ids, 2 share partitions.
    package var keyType: Int8 = 0
    /// The group ids or transactional ids.
    package var keys: [String] = []

    package init() {}

    package init(keyType: Int8, keys: [String] = []) {
        self.keyType = keyType
        self.keys = keys
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        if coder.version >= 4 {
            try coder.int8(&keyType)
            try coder.array(&keys)
        } else {
            var key = keys.first ?? ""
            try coder.string(&key)
            keys = [key]
            if coder.version >= 1 { try coder.int8(&keyType) }
        }
        try coder.taggedFields()
    }
}

/// The nodes that coordinate. Versions before 4 carry one answer, without its key.
package struct FindCoordinatorResponse: WireResponse {
    package static var api: APIKey { .findCoordinator }

    /// The node for one key.
    package struct Coordinator: WireFields {
        /// The group id or transactional id.
        package var key = ""
        /// The number of the node.
        package var nodeID: Int32 = -1
        /// Where clients reach it.
        package var host = ""
        /// The port of its Kafka listener.
        package var port: Int32 = -1
        /// The outcome.
        package var errorCode = ErrorCode.none
        /// The outcome in words.
        package var errorMessage: String?

        package init() {}

        package init(
            key: String,
            nodeID: Int32 = -1,
            host: String = "",
            port: Int32 = -1,
            errorCode: ErrorCode = .none,
            errorMessage: String? = nil
        ) {
            self.key = key
            self.nodeID = nodeID
            self.host = host
            self.port = port
            self.errorCode = errorCode
            self.errorMessage = errorMessage
        }

        package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.string(&key)
            try coder.int32(&nodeID)
            try coder.string(&host)
            try coder.int32(&port)
            try coder.errorCode(&errorCode)
            try coder.nullableString(&errorMessage)
            try coder.taggedFields()
        }
    }

    /// How long the client must wait before its next request. No quotas are enforced here: 0.
    package var throttleMilliseconds: Int32 = 0
    /// The nodes by key.
    package var coordinators: [Coordinator] = []

    package init() {}

    package init(throttleMilliseconds: Int32, coordinators: [Coordinator] = []) {
        self.throttleMilliseconds = throttleMilliseconds
        self.coordinators = coordinators
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        if coder.version >= 1 { try coder.int32(&throttleMilliseconds) }
        if coder.version >= 4 {
            try coder.array(&coordinators)
        } else {
            var only = coordinators.first ?? Coordinator()
            try coder.errorCode(&only.errorCode)
            if coder.version >= 1 { try coder.nullableString(&only.errorMessage) }
            try coder.int32(&only.nodeID)
            try coder.string(&only.host)
            try coder.int32(&only.port)
            coordinators = [only]
        }
        try coder.taggedFields()
    }
}
