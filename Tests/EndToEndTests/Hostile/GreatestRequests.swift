import KafkaProtocol
import NIOCore
import PipelineTesting

/// Requests of an API that reach a limit, with what is great about each.
struct GreatestRequests {
    static let byteCountMax = 16 * 1024 * 1024
    private static let elementsMax = Limits.elementsPerMessageMax

    let api: APIKey
    /// Names that together fill a request.
    private let long: [String] = Self.names(elementsMax, byteCount: 160)
    /// As many names as a request may have.
    private let short: [String] = Self.names(elementsMax, byteCount: 5)
    private let longest = String(repeating: "n", count: Limits.stringByteCountMax)
    private let block = ByteBuffer(repeating: 1, count: 15 * 1024 * 1024)

    init(of api: APIKey) {
        self.api = api
    }

    var all: [(String, ByteBuffer)] {
        switch api {
        case .produce: produce
        case .fetch: fetch
        case .listOffsets: listOffsets
        case .metadata: metadata
        case .offsetCommit: offsetCommit
        case .offsetFetch: offsetFetch
        case .findCoordinator: findCoordinator
        case .joinGroup: joinGroup
        case .heartbeat: heartbeat
        case .leaveGroup: leaveGroup
        case .syncGroup: syncGroup
        case .describeGroups: describeGroups
        case .listGroups: listGroups
        case .apiVersions: apiVersions
        case .createTopics: createTopics
        case .deleteTopics: deleteTopics
        case .initProducerID: initProducerID
        case .describeConfigs: describeConfigs
        case .deleteRecords: deleteRecords
        case .alterConfigs: alterConfigs
        case .incrementalAlterConfigs: incrementalAlterConfigs
        case .describeLogDirs: describeLogDirs
        case .createPartitions: createPartitions
        case .electLeaders: electLeaders
        case .alterPartitionReassignments: alterPartitionReassignments
        case .listPartitionReassignments: listPartitionReassignments
        case .describeCluster: [("all", frame(DescribeClusterRequest(includesAuthorizedOperations: true)))]
        case .describeProducers: describeProducers
        case .alterReplicaLogDirs: alterReplicaLogDirs
        case .listConfigResources:
            [("count", frame(ListConfigResourcesRequest(types: .init(repeating: 2, count: Self.elementsMax))))]
        case .offsetForLeaderEpoch: offsetForLeaderEpoch
        case .describeTopicPartitions:
            [
                ("count", frame(DescribeTopicPartitionsRequest(topics: short))),
                ("size", frame(DescribeTopicPartitionsRequest(topics: long))),
            ]
        case .deleteGroups: deleteGroups
        case .offsetDelete: offsetDelete
        case .consumerGroupHeartbeat: consumerGroupHeartbeat
        case .consumerGroupDescribe: consumerGroupDescribe
        }
    }

    /// The last version, or the last one in which topics have names: ids are shorter.
    private func frame<Request: WireRequest>(_ request: Request) -> ByteBuffer {
        let withIDs = (Request.self as? any TopicIDRequest.Type)?.firstVersionWithTopicIDs
        let version = withIDs.map { $0 - 1 } ?? api.supportedVersions.upperBound
        return RequestFrame.encode(request, version: version, correlationID: 1, clientID: "greatest")
    }

    private var produce: [(String, ByteBuffer)] {
        func produce(_ count: Int, _ records: ByteBuffer?) -> ByteBuffer {
            let partition = ProduceRequest.Partition(partition: 0, records: records)
            let topic = ProduceRequest.Topic(
                name: "utenti",
                partitions: Array(repeating: partition, count: count)
            )
            return frame(ProduceRequest(transactionalID: nil, acks: 1, topics: [topic]))
        }
        var batch = RecordBatchBuilder()
        batch.append(key: "k", value: "v", timestamp: 1_000)
        return [
            ("count of batches", produce(Self.elementsMax - 1, batch.build())),
            ("count of wrong batches", produce(Self.elementsMax - 1, ByteBuffer(repeating: 0, count: 61))),
            ("count of missing batches", produce(Self.elementsMax - 1, nil)), ("size", produce(1, block)),
        ]
    }

    private var fetch: [(String, ByteBuffer)] {
        func fetch(_ count: Int) -> ByteBuffer {
            let partition = FetchRequest.Partition(partition: 0, maxByteCount: 1 << 20)
            let topic = FetchRequest.Topic(name: "utenti", partitions: Array(repeating: partition, count: count))
            return frame(FetchRequest(replicaID: -1, maxWaitMilliseconds: 100, minByteCount: 1, topics: [topic]))
        }
        let forgotten = long.map { FetchRequest.ForgottenTopic(name: $0) }
        return [
            ("count", fetch(Self.elementsMax - 1)), ("count that is answered", fetch(10_000)),
            ("size", frame(FetchRequest(replicaID: -1, forgottenTopics: forgotten, rackID: longest))),
        ]
    }

    private var listOffsets: [(String, ByteBuffer)] {
        func list(_ topics: [ListOffsetsRequest.Topic]) -> ByteBuffer {
            frame(ListOffsetsRequest(replicaID: -1, topics: topics))
        }
        func named(_ names: some Sequence<String>) -> [ListOffsetsRequest.Topic] {
            names.map { .init(name: $0, partitions: [.init(partition: 0, timestamp: 5)]) }
        }
        let repeated = Array(repeating: ListOffsetsRequest.Partition(partition: 0, timestamp: 5), count: 10_000)
        return [
            ("count", list(named(short.prefix(Self.elementsMax / 2)))),
            ("count that is answered", list([.init(name: "utenti", partitions: repeated)])),
            ("size", list(named(long.prefix(Self.elementsMax / 2)))),
        ]
    }

    private var offsetForLeaderEpoch: [(String, ByteBuffer)] {
        let repeated = Array(
            repeating: OffsetForLeaderEpochRequest.Partition(partition: 0, leaderEpoch: 0),
            count: Self.elementsMax - 1
        )
        return [("count", frame(OffsetForLeaderEpochRequest(topics: [.init(name: "utenti", partitions: repeated)])))]
    }

    private var metadata: [(String, ByteBuffer)] {
        return [
            ("count", frame(MetadataRequest(topics: short))),
            ("size", frame(MetadataRequest(topics: longNames(besideEach: 19)))),
            ("count of one name", frame(MetadataRequest(topics: Array(repeating: "utenti", count: Self.elementsMax)))),
        ]
    }

    private var offsetCommit: [(String, ByteBuffer)] {
        func commit(_ count: Int, _ note: String) -> ByteBuffer {
            let partitions = (0..<count).map {
                OffsetCommitRequest.Partition(partition: Int32($0 % 3), offset: Int64($0), metadata: note)
            }
            return frame(OffsetCommitRequest(groupID: "g", topics: [.init(name: "utenti", partitions: partitions)]))
        }
        return [("count", commit(Self.elementsMax - 1, "")), ("size", commit(4_000, String(longest.prefix(4_096))))]
    }

    private var offsetFetch: [(String, ByteBuffer)] {
        func fetch(_ groups: [String], _ topics: [OffsetFetchRequest.Topic]?) -> ByteBuffer {
            frame(OffsetFetchRequest(groups: groups.map { .init(groupID: $0, topics: topics) }))
        }
        let partitions = (0..<Int32(Self.elementsMax - 2)).map { $0 }
        return [
            ("count of groups", fetch(short, nil)), ("size", fetch(long.dropLast(8_000), nil)),
            ("count of partitions", fetch(["g"], [.init(name: "utenti", partitions: partitions)])),
        ]
    }

    private var findCoordinator: [(String, ByteBuffer)] {
        return [
            ("count", frame(FindCoordinatorRequest(keyType: 0, keys: short))),
            ("count that is refused", frame(FindCoordinatorRequest(keyType: 1, keys: short))),
            ("size", frame(FindCoordinatorRequest(keyType: 0, keys: long))),
        ]
    }

    private var joinGroup: [(String, ByteBuffer)] {
        func join(_ protocols: [JoinGroupRequest.MemberProtocol]) -> ByteBuffer {
            frame(
                JoinGroupRequest(
                    groupID: "g",
                    sessionTimeoutMilliseconds: 10_000,
                    rebalanceTimeoutMilliseconds: 100,
                    protocolType: "consumer",
                    protocols: protocols
                )
            )
        }
        return [
            ("count", join(short.map { .init(name: $0) })),
            ("size", join([.init(name: "range", metadata: block)])),
        ]
    }

    private var heartbeat: [(String, ByteBuffer)] {
        return [
            ("size", frame(HeartbeatRequest(groupID: longest, memberID: longest, groupInstanceID: longest)))
        ]
    }

    private var leaveGroup: [(String, ByteBuffer)] {
        return [
            ("count", frame(LeaveGroupRequest(groupID: "g", members: short.map { .init(memberID: $0) }))),
            ("size", frame(LeaveGroupRequest(groupID: "g", members: long.map { .init(memberID: $0) }))),
        ]
    }

    private var syncGroup: [(String, ByteBuffer)] {
        func sync(_ assignments: [SyncGroupRequest.Assignment]) -> ByteBuffer {
            frame(SyncGroupRequest(groupID: "g", memberID: "m", assignments: assignments))
        }
        return [
            ("count", sync(short.map { .init(memberID: $0) })),
            ("size", sync([.init(memberID: "m", assignment: block)])),
        ]
    }

    private var describeGroups: [(String, ByteBuffer)] {
        return [
            ("count", frame(DescribeGroupsRequest(groups: short, includesAuthorizedOperations: true))),
            ("size", frame(DescribeGroupsRequest(groups: long))),
        ]
    }

    private var listGroups: [(String, ByteBuffer)] {
        return [
            ("count", frame(ListGroupsRequest(states: short))), ("size", frame(ListGroupsRequest(states: long))),
            ("count of types", frame(ListGroupsRequest(states: [], types: short))),
        ]
    }

    private var deleteGroups: [(String, ByteBuffer)] {
        return [
            ("count", frame(DeleteGroupsRequest(groups: short))), ("size", frame(DeleteGroupsRequest(groups: long))),
        ]
    }

    private var offsetDelete: [(String, ByteBuffer)] {
        func delete(_ topics: [OffsetDeleteRequest.Topic]) -> ByteBuffer {
            frame(OffsetDeleteRequest(groupID: "g", topics: topics))
        }
        return [
            ("count", delete(short.map { .init(name: $0) })), ("size", delete(long.map { .init(name: $0) })),
            (
                "count of partitions",
                delete([.init(name: "utenti", partitions: Array(0..<Int32(Self.elementsMax - 1)))])
            ),
        ]
    }

    private var apiVersions: [(String, ByteBuffer)] {
        let request = ApiVersionsRequest(clientSoftwareName: longest, clientSoftwareVersion: longest)
        return [
            ("size", frame(request)), ("count of tagged fields", Self.withTaggedFields(frame(ApiVersionsRequest()))),
        ]
    }

    private var createTopics: [(String, ByteBuffer)] {
        func create(_ topics: [CreateTopicsRequest.Topic]) -> ByteBuffer {
            frame(CreateTopicsRequest(topics: topics, validatesOnly: true))
        }
        let settings = short.dropLast().map { CreateTopicsRequest.Configuration(name: $0, value: "1") }
        return [
            ("count", create(short.map { .init(name: $0) })),
            ("count that is answered", create(long.prefix(4_000).map { .init(name: $0, partitionCount: 1) })),
            ("count of settings", create([.init(name: "made", configuration: settings)])),
            (
                "count of assignments",
                create([
                    .init(
                        name: "made",
                        assignments: (0..<Int32(Self.elementsMax / 2 - 1)).map { .init(partition: $0, brokerIDs: [0]) }
                    )
                ])
            ),
            ("size", create((0..<500).map { _ in .init(name: longest) })),
        ]
    }

    /// The long names that fit into a request where each has so many bytes more with it.
    private func longNames(besideEach byteCount: Int) -> [String] {
        Array(long.prefix((Self.byteCountMax - 1024) / (160 + byteCount)))
    }

    private var deleteTopics: [(String, ByteBuffer)] {
        return [
            ("count", frame(DeleteTopicsRequest(names: short))),
            ("size", frame(DeleteTopicsRequest(names: longNames(besideEach: 19)))),
        ]
    }

    private var initProducerID: [(String, ByteBuffer)] {
        return [("size", frame(InitProducerIDRequest(transactionalID: longest)))]
    }

    private var describeConfigs: [(String, ByteBuffer)] {
        func describe(_ resources: [DescribeConfigsRequest.Resource]) -> ByteBuffer {
            frame(
                DescribeConfigsRequest(resources: resources, includesSynonyms: true, includesDocumentation: true)
            )
        }
        let topic = ConfigurationResource.topic.rawValue
        return [
            ("count", describe(short.map { .init(type: topic, name: $0) })),
            ("count of keys", describe([.init(type: topic, name: "utenti", keys: short.dropLast())])),
            ("size", describe(long.map { .init(type: topic, name: $0) })),
            ("size of names", describe((0..<500).map { _ in .init(type: topic, name: longest) })),
        ]
    }

    /// The numbers of partitions of one topic, as many as a request may have.
    private var numbers: [Int32] { Array(0..<Int32(Self.elementsMax - 1)) }

    private var deleteRecords: [(String, ByteBuffer)] {
        func delete(_ partitions: [Int32]) -> ByteBuffer {
            let places = partitions.map { DeleteRecordsRequest.Partition(partition: $0, offset: 0) }
            return frame(DeleteRecordsRequest(topics: [.init(name: "utenti", partitions: places)]))
        }
        return [
            ("count", delete(numbers)), ("count that is answered", delete(Array(numbers.prefix(10_000)))),
            ("size", frame(DeleteRecordsRequest(topics: long.map { .init(name: $0) }))),
        ]
    }

    private var alterConfigs: [(String, ByteBuffer)] {
        let topic = ConfigurationResource.topic.rawValue
        func alter(_ resources: [AlterConfigsRequest.Resource]) -> ByteBuffer {
            frame(AlterConfigsRequest(resources: resources, validatesOnly: true))
        }
        let entries = short.dropLast().map { AlterConfigsRequest.Entry(name: $0, value: "1") }
        return [
            ("count", alter(short.map { .init(type: topic, name: $0) })),
            ("count that is answered", alter(long.prefix(4_000).map { .init(type: topic, name: $0) })),
            ("count of settings", alter([.init(type: topic, name: "utenti", entries: entries)])),
            ("size", alter(long.map { .init(type: topic, name: $0) })),
        ]
    }

    private var incrementalAlterConfigs: [(String, ByteBuffer)] {
        let topic = ConfigurationResource.topic.rawValue
        func alter(_ entries: [IncrementalAlterConfigsRequest.Entry]) -> ByteBuffer {
            let resource = IncrementalAlterConfigsRequest.Resource(type: topic, name: "utenti", entries: entries)
            return frame(IncrementalAlterConfigsRequest(resources: [resource], validatesOnly: true))
        }
        let list = short.joined(separator: ",").prefix(Limits.stringByteCountMax)
        return [
            ("count", alter(short.dropLast().map { .init(name: $0, operation: 0, value: "1") })),
            ("count of deletions", alter(short.dropLast().map { .init(name: $0, operation: 1, value: nil) })),
            (
                "count of elements",
                alter([.init(name: "leader.replication.throttled.replicas", operation: 2, value: String(list))])
            ),
            ("size", alter((0..<500).map { _ in .init(name: "retention.ms", operation: 0, value: longest) })),
        ]
    }

    private var describeLogDirs: [(String, ByteBuffer)] {
        return [
            ("count", frame(DescribeLogDirsRequest(topics: [.init(name: "utenti", partitions: numbers)]))),
            ("size", frame(DescribeLogDirsRequest(topics: long.map { .init(name: $0) }))),
        ]
    }

    private var createPartitions: [(String, ByteBuffer)] {
        func create(_ topics: [CreatePartitionsRequest.Topic]) -> ByteBuffer {
            frame(CreatePartitionsRequest(topics: topics, validatesOnly: true))
        }
        let assignments = (0..<Self.elementsMax / 2 - 1).map { _ in
            CreatePartitionsRequest.Assignment(brokerIDs: [0])
        }
        return [
            ("count", create(short.map { .init(name: $0, partitionCount: 9) })),
            ("count that is answered", create(long.prefix(4_000).map { .init(name: $0, partitionCount: 9) })),
            ("count of assignments", create([.init(name: "utenti", partitionCount: 9, assignments: assignments)])),
            ("size", create(longNames(besideEach: 8).map { .init(name: $0, partitionCount: 9) })),
        ]
    }

    private var electLeaders: [(String, ByteBuffer)] {
        return [
            (
                "count",
                frame(ElectLeadersRequest(electionType: 0, topics: [.init(name: "utenti", partitions: numbers)]))
            ),
            ("size", frame(ElectLeadersRequest(electionType: 0, topics: long.map { .init(name: $0) }))),
        ]
    }

    private var alterPartitionReassignments: [(String, ByteBuffer)] {
        func alter(_ partitions: [AlterPartitionReassignmentsRequest.Partition]) -> ByteBuffer {
            frame(AlterPartitionReassignmentsRequest(topics: [.init(name: "utenti", partitions: partitions)]))
        }
        return [
            ("count", alter(numbers.map { .init(partition: $0, replicas: nil) })),
            ("count of nodes", alter([.init(partition: 0, replicas: Array(numbers.dropLast()))])),
            ("size", frame(AlterPartitionReassignmentsRequest(topics: long.map { .init(name: $0) }))),
        ]
    }

    private var listPartitionReassignments: [(String, ByteBuffer)] {
        return [
            ("count", frame(ListPartitionReassignmentsRequest(topics: [.init(name: "utenti", partitions: numbers)]))),
            ("size", frame(ListPartitionReassignmentsRequest(topics: long.map { .init(name: $0) }))),
        ]
    }

    private var describeProducers: [(String, ByteBuffer)] {
        return [
            ("count", frame(DescribeProducersRequest(topics: [.init(name: "utenti", partitions: numbers)]))),
            ("size", frame(DescribeProducersRequest(topics: long.map { .init(name: $0) }))),
        ]
    }

    private var alterReplicaLogDirs: [(String, ByteBuffer)] {
        func move(_ topics: [AlterReplicaLogDirsRequest.Topic], to path: String = "/") -> ByteBuffer {
            frame(AlterReplicaLogDirsRequest(directories: [.init(path: path, topics: topics)]))
        }
        return [
            ("count", move([.init(name: "utenti", partitions: Array(numbers.dropLast()))])),
            ("size", move(long.dropLast().map { .init(name: $0) })),
            ("count of topics", move(short.prefix(Self.elementsMax / 2 - 1).map { .init(name: $0, partitions: [0]) })),
        ]
    }

    private var consumerGroupHeartbeat: [(String, ByteBuffer)] {
        func join(_ names: [String], pattern: String = "", owned: [GroupTopicPartitions] = []) -> ByteBuffer {
            frame(
                ConsumerGroupHeartbeatRequest(
                    groupID: "readers",
                    memberID: "member",
                    memberEpoch: owned.isEmpty ? 0 : 1,
                    rebalanceTimeoutMilliseconds: 1_000,
                    subscribedTopicNames: names,
                    subscribedTopicRegex: pattern,
                    topicPartitions: owned
                )
            )
        }
        let owned = (0..<Self.elementsMax / 2).map { GroupTopicPartitions(topicID: .zero, partitions: [Int32($0)]) }
        return [
            ("count", join(short)), ("size", join(long)), ("size of a pattern", join([], pattern: longest)),
            ("steps of a pattern", join([], pattern: "(u|(((.{1,10}){1,10}){1,10})*){2}")),
            ("count of partitions", join([], owned: owned)),
        ]
    }

    private var consumerGroupDescribe: [(String, ByteBuffer)] {
        return [
            ("count", frame(ConsumerGroupDescribeRequest(groupIDs: short))),
            ("size", frame(ConsumerGroupDescribeRequest(groupIDs: long))),
        ]
    }

    /// So many different names that are as long as this.
    private static func names(_ count: Int, byteCount: Int) -> [String] {
        (0..<count).map { number in
            let digits = String(number, radix: 36)
            return String(repeating: "x", count: byteCount - digits.utf8.count) + digits
        }
    }

    /// The request with as many unknown tagged fields as fit, in the place of none.
    private static func withTaggedFields(_ frame: ByteBuffer) -> ByteBuffer {
        var frame = frame
        frame.moveWriterIndex(to: frame.writerIndex - 1)
        let count = (byteCountMax - 100) / 2
        var rest = count
        while rest >= 0x80 {
            frame.writeInteger(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        frame.writeInteger(UInt8(rest))
        frame.writeRepeatingByte(0, count: count * 2)
        frame.setInteger(Int32(frame.readableBytes - 4), at: frame.readerIndex)
        return frame
    }
}
