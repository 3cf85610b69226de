/// The versions of an API that are served: the one table for ApiVersions, the headers and the messages' codecs.
package struct SupportedAPI: Sendable, Equatable {
    /// The API.
    package let key: APIKey
    /// The versions that are advertised and served whole.
    package let versions: ClosedRange<Int16>
    /// The first version with compact lengths and tagged fields (KIP-482).
    package let firstFlexibleVersion: Int16

    /// Every API that is served, by ascending key.
    ///
    /// The ranges are those of Apache Kafka 4.0, which all clients in use can deal with, but where a later version
    /// means something that is not here. Transactions are not: Produce 12 and 13 change nothing for other producers.
    /// Produce starts at 0 as Kafka's does: librdkafka takes a greater minimum for a broker that cannot take compressed
    /// batches (librdkafka#4956). JoinGroup starts at 0 as from Kafka 4.1 on, and ListConfigResources is of 4.1.
    package static let all: [SupportedAPI] = [
        SupportedAPI(.produce, 0...13, flexibleFrom: 9),
        SupportedAPI(.fetch, 4...17, flexibleFrom: 12),
        SupportedAPI(.listOffsets, 1...10, flexibleFrom: 6),
        SupportedAPI(.metadata, 0...13, flexibleFrom: 9),
        SupportedAPI(.offsetCommit, 2...10, flexibleFrom: 8),
        SupportedAPI(.offsetFetch, 1...10, flexibleFrom: 6),
        SupportedAPI(.findCoordinator, 0...6, flexibleFrom: 3),
        SupportedAPI(.joinGroup, 0...9, flexibleFrom: 6),
        SupportedAPI(.heartbeat, 0...4, flexibleFrom: 4),
        SupportedAPI(.leaveGroup, 0...5, flexibleFrom: 4),
        SupportedAPI(.syncGroup, 0...5, flexibleFrom: 4),
        SupportedAPI(.describeGroups, 0...6, flexibleFrom: 5),
        SupportedAPI(.listGroups, 0...5, flexibleFrom: 3),
        SupportedAPI(.apiVersions, 0...4, flexibleFrom: 3),
        SupportedAPI(.createTopics, 2...7, flexibleFrom: 5),
        SupportedAPI(.deleteTopics, 1...6, flexibleFrom: 4),
        SupportedAPI(.deleteRecords, 0...2, flexibleFrom: 2),
        SupportedAPI(.initProducerID, 0...5, flexibleFrom: 2),
        SupportedAPI(.offsetForLeaderEpoch, 2...4, flexibleFrom: 4),
        SupportedAPI(.describeConfigs, 1...4, flexibleFrom: 4),
        SupportedAPI(.alterConfigs, 0...2, flexibleFrom: 2),
        SupportedAPI(.alterReplicaLogDirs, 1...2, flexibleFrom: 2),
        SupportedAPI(.describeLogDirs, 1...4, flexibleFrom: 2),
        SupportedAPI(.createPartitions, 0...3, flexibleFrom: 2),
        SupportedAPI(.deleteGroups, 0...2, flexibleFrom: 2),
        SupportedAPI(.electLeaders, 0...2, flexibleFrom: 2),
        SupportedAPI(.incrementalAlterConfigs, 0...1, flexibleFrom: 1),
        SupportedAPI(.alterPartitionReassignments, 0...0, flexibleFrom: 0),
        SupportedAPI(.listPartitionReassignments, 0...0, flexibleFrom: 0),
        SupportedAPI(.offsetDelete, 0...0, flexibleFrom: .max),
        SupportedAPI(.describeCluster, 0...2, flexibleFrom: 0),
        SupportedAPI(.describeProducers, 0...0, flexibleFrom: 0),
        SupportedAPI(.consumerGroupHeartbeat, 0...1, flexibleFrom: 0),
        SupportedAPI(.consumerGroupDescribe, 0...1, flexibleFrom: 0),
        SupportedAPI(.listConfigResources, 0...1, flexibleFrom: 0),
        SupportedAPI(.describeTopicPartitions, 0...0, flexibleFrom: 0),
    ]

    private init(_ key: APIKey, _ versions: ClosedRange<Int16>, flexibleFrom first: Int16) {
        self.key = key
        self.versions = versions
        self.firstFlexibleVersion = first
    }

    /// The served versions of the API that has `key`.
    package static func of(_ key: APIKey) -> SupportedAPI {
        guard let api = byKey[Int(key.rawValue)] else { preconditionFailure("\(key) has a key and no versions") }
        return api
    }

    /// ``all``, to be found by the key's number.
    private static let byKey: [SupportedAPI?] = {
        var table = [SupportedAPI?](repeating: nil, count: Int(all.map(\.key.rawValue).max() ?? 0) + 1)
        for api in all { table[Int(api.key.rawValue)] = api }
        return table
    }()
}

extension APIKey {
    /// The versions that are advertised and served whole.
    package var supportedVersions: ClosedRange<Int16> { SupportedAPI.of(self).versions }

    /// Whether `version` of this API has compact lengths and tagged fields.
    package func isFlexible(version: Int16) -> Bool { version >= SupportedAPI.of(self).firstFlexibleVersion }
}

/// The APIs that are served, with their keys on the wire.
package enum APIKey: Int16, CaseIterable, Sendable {
    case produce = 0
    case fetch = 1
    case listOffsets = 2
    case metadata = 3
    case offsetCommit = 8
    case offsetFetch = 9
    case findCoordinator = 10
    case joinGroup = 11
    case heartbeat = 12
    case leaveGroup = 13
    case syncGroup = 14
    case describeGroups = 15
    case listGroups = 16
    case apiVersions = 18
    case createTopics = 19
    case deleteTopics = 20
    case deleteRecords = 21
    case initProducerID = 22
    case offsetForLeaderEpoch = 23
    case describeConfigs = 32
    case alterConfigs = 33
    case alterReplicaLogDirs = 34
    case describeLogDirs = 35
    case createPartitions = 37
    case deleteGroups = 42
    case electLeaders = 43
    case incrementalAlterConfigs = 44
    case alterPartitionReassignments = 45
    case listPartitionReassignments = 46
    case offsetDelete = 47
    case describeCluster = 60
    case describeProducers = 61
    case consumerGroupHeartbeat = 68
    case consumerGroupDescribe = 69
    case listConfigResources = 74
    case describeTopicPartitions = 75
}
