import Ingestor
import KafkaProtocol
import NIOCore
import PipelineTesting
import Testing

/// Requests of every API and version with bytes changed at random: each is answered or ends its connection, and the ingestor
/// goes on serving others.
@Suite(.timeLimit(.minutes(15))) struct MutatedRequestTests {
    @Test(arguments: Seeds.chosen([1, 2, 3, 4]))
    func nothingThatAClientSendsStopsTheIngestor(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        var attacks: [[ByteBuffer]] = []
        for _ in 0..<40 { attacks.append((0..<Self.requestsOfAnAttack).map { _ in Self.mutated(using: &generator) }) }
        let prepared = attacks
        try await withIngestor(configure: {
            $0.topics = [events, TopicSpecification(name: "bystander", partitionCount: 1)]
            $0.limits.requestBytesMax = 64 * 1024
            $0.limits.requestMemoryBytesMax = 256 * 1024
            $0.limits.requestArrivalTimeout = .milliseconds(200)
            $0.limits.fetchWaitMax = .milliseconds(20)
            $0.limits.partitionsMax = 100
            $0.limits.partitionsPerTopicMax = 10
            // Who waits for members that will not come waits no longer than their sessions last.
            $0.groups.sessionTimeoutMax = .milliseconds(1_500)
        }) { address in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for attack in prepared {
                    group.addTask {
                        try await withConnection(to: address) { client in
                            try await Self.seeThrough(attack, &client)
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await withConnection(to: address) { client in
                let produced: ProduceResponse = try await client.exchange(
                    Batches.produce(Batches.batch(["after"]), to: "bystander"),
                    version: 9
                )
                #expect(produced.only.errorCode == .none)
                #expect(produced.only.baseOffset == 0)
            }
        }
    }

    private static let requestsOfAnAttack = 8
    /// The correlation id of an intact request, greater than those of an attack.
    private static let lastCorrelationID: Int32 = 0x7E57_1A57

    /// Sends the requests and reads what comes, until the connection ends or the last request is answered.
    ///
    /// Only a request to produce without acknowledgement has no answer, so a missing one means that one was changed to that.
    private static func seeThrough(_ attack: [ByteBuffer], _ client: inout WireClient) async throws {
        var bytes = ByteBuffer()
        for request in attack { bytes.writeImmutableBuffer(request) }
        bytes.writeImmutableBuffer(
            RequestFrame.encode(ApiVersionsRequest(), version: 0, correlationID: lastCorrelationID)
        )
        try await client.send(bytes)
        var answers = 0
        while let answer = try await client.nextFrame() {
            if answer.getInteger(at: answer.readerIndex, as: Int32.self) == lastCorrelationID {
                let isProduce = { (request: ByteBuffer) in
                    request.getInteger(at: request.readerIndex + 4, as: Int16.self) == APIKey.produce.rawValue
                }
                #expect(answers >= attack.count(where: { !isProduce($0) }))
                return
            }
            answers += 1
            #expect(answers <= attack.count, "an answer too many")
        }
    }

    /// A request that is well formed but for a few bytes; its length is right, so that its inside is looked at.
    private static func mutated(using generator: inout SeededGenerator) -> ByteBuffer {
        let api = APIKey.allCases.randomElement(using: &generator) ?? .produce
        let version = Int16.random(in: api.supportedVersions, using: &generator)
        var frame = request(of: api, version: version)
        let changes = Int.random(in: 0...4, using: &generator)
        for _ in 0..<changes {
            // Behind the header's API and version as a rule, so that bodies are met more often than headers.
            let first = generator.chance(1, in: 5) ? 4 : 12
            let index = Int.random(in: first..<max(first + 1, frame.writerIndex), using: &generator)
            guard index < frame.writerIndex else { continue }
            frame.setInteger(UInt8.random(in: 0...255, using: &generator), at: index)
        }
        return frame
    }

    private static func request(of api: APIKey, version: Int16) -> ByteBuffer {
        func frame(_ request: some WireRequest) -> ByteBuffer {
            RequestFrame.encode(request, version: version, correlationID: 1, clientID: "mutant")
        }
        let bytes = ByteBuffer(string: "bytes")
        switch api {
        case .produce: return frame(Batches.produce(Batches.batch(["a", "b"])))
        case .fetch: return frame(Batches.fetch(from: 0, wait: 5))
        case .listOffsets:
            return frame(
                ListOffsetsRequest(
                    replicaID: -1,
                    topics: [.init(name: "events", partitions: [.init(partition: 0, timestamp: 5)])]
                )
            )
        case .metadata: return frame(MetadataRequest(topics: ["events", "other"]))
        case .offsetCommit:
            return frame(
                OffsetCommitRequest(
                    groupID: "g",
                    topics: [.init(name: "events", partitions: [.init(partition: 0, offset: 1, metadata: "m")])]
                )
            )
        case .offsetFetch:
            return frame(
                OffsetFetchRequest(groups: [.init(groupID: "g", topics: [.init(name: "events", partitions: [0])])])
            )
        case .findCoordinator: return frame(FindCoordinatorRequest(keyType: 0, keys: ["g"]))
        case .joinGroup:
            return frame(
                JoinGroupRequest(
                    groupID: "g",
                    sessionTimeoutMilliseconds: 1_000,
                    rebalanceTimeoutMilliseconds: 1_000,
                    protocolType: "consumer",
                    protocols: [.init(name: "range", metadata: bytes)]
                )
            )
        case .heartbeat: return frame(HeartbeatRequest(groupID: "g", generationID: 1, memberID: "m"))
        case .leaveGroup: return frame(LeaveGroupRequest(groupID: "g", members: [.init(memberID: "m")]))
        case .syncGroup:
            return frame(
                SyncGroupRequest(
                    groupID: "g",
                    generationID: 1,
                    memberID: "m",
                    assignments: [.init(memberID: "m", assignment: bytes)]
                )
            )
        case .describeGroups: return frame(DescribeGroupsRequest(groups: ["g"], includesAuthorizedOperations: true))
        case .listGroups: return frame(ListGroupsRequest(states: ["Stable"], types: ["classic"]))
        case .apiVersions: return frame(ApiVersionsRequest())
        case .createTopics:
            return frame(CreateTopicsRequest(topics: [.init(name: "made", partitionCount: 1)], validatesOnly: true))
        case .deleteTopics: return frame(DeleteTopicsRequest(names: ["gone"]))
        case .initProducerID: return frame(InitProducerIDRequest(transactionalID: nil))
        case .describeConfigs:
            return frame(
                DescribeConfigsRequest(resources: [.init(type: ConfigurationResource.topic.rawValue, name: "events")])
            )
        case .deleteGroups: return frame(DeleteGroupsRequest(groups: ["h"]))
        case .offsetDelete:
            return frame(OffsetDeleteRequest(groupID: "g", topics: [.init(name: "events", partitions: [0])]))
        default: return changeOfTopics(api) { frame($0) }
        }
    }

    private static func changeOfTopics(_ api: APIKey, _ frame: (any WireRequest) -> ByteBuffer) -> ByteBuffer {
        let topic = ConfigurationResource.topic.rawValue
        switch api {
        case .deleteRecords:
            return frame(
                DeleteRecordsRequest(topics: [.init(name: "events", partitions: [.init(partition: 0, offset: 1)])])
            )
        case .alterConfigs:
            return frame(
                AlterConfigsRequest(resources: [
                    .init(type: topic, name: "events", entries: [.init(name: "segment.bytes", value: "100000")])
                ])
            )
        case .incrementalAlterConfigs:
            return frame(
                IncrementalAlterConfigsRequest(resources: [
                    .init(type: topic, name: "events", entries: [.init(name: "flush.ms", operation: 0, value: "9")])
                ])
            )
        case .describeLogDirs: return frame(DescribeLogDirsRequest(topics: [.init(name: "events", partitions: [0])]))
        case .createPartitions:
            return frame(CreatePartitionsRequest(topics: [.init(name: "events", partitionCount: 2)]))
        case .electLeaders:
            return frame(ElectLeadersRequest(electionType: 0, topics: [.init(name: "events", partitions: [0])]))
        case .alterPartitionReassignments:
            return frame(
                AlterPartitionReassignmentsRequest(topics: [
                    .init(name: "events", partitions: [.init(partition: 0, replicas: [0])])
                ])
            )
        case .listPartitionReassignments: return frame(ListPartitionReassignmentsRequest(topics: nil))
        case .offsetForLeaderEpoch:
            return frame(
                OffsetForLeaderEpochRequest(topics: [
                    .init(name: "events", partitions: [.init(partition: 0, leaderEpoch: 0)])
                ])
            )
        case .alterReplicaLogDirs:
            return frame(
                AlterReplicaLogDirsRequest(directories: [
                    .init(path: "/", topics: [.init(name: "events", partitions: [0])])
                ])
            )
        case .listConfigResources: return frame(ListConfigResourcesRequest(types: [2, 4]))
        case .describeTopicPartitions: return frame(DescribeTopicPartitionsRequest(topics: ["events"]))
        case .describeCluster: return frame(DescribeClusterRequest(includesAuthorizedOperations: true))
        case .describeProducers:
            return frame(DescribeProducersRequest(topics: [.init(name: "events", partitions: [0])]))
        case .consumerGroupHeartbeat:
            return frame(
                ConsumerGroupHeartbeatRequest(
                    groupID: "readers",
                    memberID: "member",
                    memberEpoch: 0,
                    rebalanceTimeoutMilliseconds: 1_000,
                    subscribedTopicNames: ["events"],
                    subscribedTopicRegex: "(e|f)[a-z]{3}.*",
                    serverAssignor: "range",
                    topicPartitions: []
                )
            )
        case .consumerGroupDescribe: return frame(ConsumerGroupDescribeRequest(groupIDs: ["readers"]))
        default: preconditionFailure("no request of \(api) is prepared")
        }
    }
}
