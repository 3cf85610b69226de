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
