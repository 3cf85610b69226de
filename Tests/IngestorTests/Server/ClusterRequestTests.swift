import CommitLog
import Ingestor
import KafkaProtocol
import NIOCore
import PipelineTesting
import Testing

/// What tools ask about the cluster: one node answers as a cluster in which everything is where it should be.
@Suite(.timeLimit(.minutes(15))) struct ClusterRequestTests {
    private func ask<Response: WireResponse>(
        _ requests: [(any WireRequest & Sendable, Int16)],
        _ type: Response.Type = Response.self
    ) async throws -> [Response] {
        try await withIngestor(configure: { $0.topics = [TopicSpecification(name: "events", partitionCount: 2)] }) {
            address in
            try await withConnection(to: address) { client in
                let _: ProduceResponse = try await client.exchange(
                    Batches.produce(Batches.batch(["a", "b"], producerID: 7, epoch: 3, sequence: 0)),
                    version: 9
                )
                var answers: [Response] = []
                for (request, version) in requests {
                    answers.append(try await client.exchange(request, version: version, for: type))
                }
                return answers
            }
        }
    }

    @Test func theClusterIsOneNode() async throws {
        let answers: [DescribeClusterResponse] = try await ask([
            (DescribeClusterRequest(includesAuthorizedOperations: true), 0),
            (DescribeClusterRequest(includesAuthorizedOperations: false), 1),
            (DescribeClusterRequest(includesAuthorizedOperations: false, endpointType: 2), 1),
            (DescribeClusterRequest(includesAuthorizedOperations: false, endpointType: 3), 1),
        ])
        #expect(answers.map(\.errorCode) == [.none, .none, .mismatchedEndpointType, .unsupportedEndpointType])
        #expect(answers.map(\.authorizedOperations) == [8096, .min, .min, .min])
        #expect(answers[0].brokers.map(\.nodeID) == [0])
        #expect(answers[0].controllerID == 0)
        #expect(answers[0].clusterID.isEmpty == false)
    }

    @Test func everythingIsAllowedWithoutAnAuthorizer() async throws {
        let answers: [MetadataResponse] = try await ask([
            (
                MetadataRequest(
                    topics: ["events", "no name"],
                    includesClusterAuthorizedOperations: true,
                    includesTopicAuthorizedOperations: true
                ), 9
            ), (MetadataRequest(topics: nil), 9),
        ])
        #expect(answers.map(\.clusterAuthorizedOperations) == [8096, .min])
        #expect(answers[0].topics.map(\.authorizedOperations) == [3576, .min])
        #expect(answers[1].topics.map(\.authorizedOperations) == [.min, .min])
    }

    @Test func logDirectoriesHaveSizes() async throws {
        let answers: [DescribeLogDirsResponse] = try await ask([
            (DescribeLogDirsRequest(topics: nil), 4),
            (
                DescribeLogDirsRequest(topics: [
                    .init(name: "events", partitions: [1, 7, 1]), .init(name: "nowhere", partitions: [0]),
                ]), 1
            ),
        ])
        #expect(answers.map(\.errorCode) == [.none, .none])
        let directory = try #require(answers[0].directories.first)
        #expect(directory.topics.map(\.name) == ["__consumer_offsets", "events"])
        #expect(directory.topics[1].partitions.map(\.partition) == [0, 1])
        let sizes = directory.topics[1].partitions.map(\.byteCount)
        #expect(sizes[0] > 60)
        #expect(sizes[1] == 0)
        #expect(directory.usableByteCount > 0)
        #expect(directory.totalByteCount >= directory.usableByteCount)
        #expect(answers[1].directories[0].topics.map { $0.partitions.map(\.partition) } == [[1]])
    }

    @Test func partitionsMoveToWhereTheyAre() async throws {
        try await withIngestor(configure: { $0.topics = [TopicSpecification(name: "events", partitionCount: 2)] }) {
            address in
            try await withConnection(to: address) { client in
                let volumes: DescribeLogDirsResponse = try await client.exchange(
                    DescribeLogDirsRequest(topics: nil),
                    version: 4
                )
                let volume = try #require(volumes.directories.first).path
                let moved: AlterReplicaLogDirsResponse = try await client.exchange(
                    AlterReplicaLogDirsRequest(directories: [
                        .init(path: "/elsewhere", topics: [.init(name: "events", partitions: [0, 1])]),
                        .init(
                            path: volume,
                            topics: [
                                .init(name: "nowhere", partitions: [0]), .init(name: "events", partitions: [2, 0, 0]),
                            ]
                        ),
                    ]),
                    version: 2
                )
                #expect(moved.topics.map(\.name) == ["events", "nowhere"])
                #expect(moved.topics[0].partitions.map(\.partition) == [0, 1, 2])
                let outcomes = moved.topics.flatMap { $0.partitions.map(\.errorCode) }
                #expect(outcomes == [.none, .logDirNotFound, .unknownTopicOrPartition, .unknownTopicOrPartition])
            }
        }
    }

    @Test func whatHasSettingsIsListed() async throws {
        let answers: [ListConfigResourcesResponse] = try await ask([
            (ListConfigResourcesRequest(types: []), 1), (ListConfigResourcesRequest(types: [2, 2, 16, 32]), 1),
            (ListConfigResourcesRequest(types: [4, 99]), 1), (ListConfigResourcesRequest(types: []), 0),
        ])
        #expect(answers.map(\.errorCode) == [.none, .none, .unsupportedVersion, .none])
        let seen = answers.map { $0.resources.map { "\($0.type) \($0.name)" } }
        let topics = ["2 __consumer_offsets", "2 events"]
        #expect(seen == [["8 0", "4 0"] + topics, topics, [], []])
    }

    @Test func producersAreDescribed() async throws {
        let answers: [DescribeProducersResponse] = try await ask([
            (DescribeProducersRequest(topics: [.init(name: "events", partitions: [0, 1, 2, 0])]), 0)
        ])
        let partitions = answers[0].topics[0].partitions
        #expect(partitions.map(\.partition) == [0, 1, 2])
        #expect(partitions.map(\.errorCode) == [.none, .none, .unknownTopicOrPartition])
        let producer = try #require(partitions[0].producers.first)
        #expect(producer.producerID == 7)
        #expect(producer.epoch == 3)
        #expect(producer.lastSequence == 1)
        #expect(producer.lastTimestamp > 0)
        #expect(producer.transactionStartOffset == -1)
        #expect(partitions[1].producers.isEmpty)
    }

    @Test func moreProducersThanOneAnswerMayHaveAreRefused() async throws {
        try await withIngestor(configure: {
            $0.topics = [events]
            $0.limits.describedProducersMax = 1
        }) { address in
            try await withConnection(to: address) { client in
                for producer: Int64 in [7, 8] {
                    let _: ProduceResponse = try await client.exchange(
                        Batches.produce(Batches.batch(["a"], producerID: producer, epoch: 0, sequence: 0)),
                        version: 9
                    )
                }
                let response: DescribeProducersResponse = try await client.exchange(
                    DescribeProducersRequest(topics: [.init(name: "events", partitions: [0])]),
                    version: 0
                )
                #expect(response.topics[0].partitions.map(\.errorCode) == [.invalidRequest])
                #expect(response.topics[0].partitions[0].producers.isEmpty)
            }
        }
    }

    @Test func noElectionIsNeeded() async throws {
        let answers: [ElectLeadersResponse] = try await ask([
            (ElectLeadersRequest(electionType: 0, topics: [.init(name: "events", partitions: [0, 5])]), 2),
            (ElectLeadersRequest(electionType: 1, topics: nil), 2),
            (ElectLeadersRequest(electionType: 2, topics: nil), 1),
        ])
        #expect(answers[0].topics[0].partitions.map(\.errorCode) == [.electionNotNeeded, .unknownTopicOrPartition])
        #expect(answers.map(\.errorCode) == [.none, .none, .invalidRequest])
        #expect(answers[1].topics.isEmpty)
    }

    @Test func partitionsStayWhereTheyAre() async throws {
        let answers: [AlterPartitionReassignmentsResponse] = try await ask([
            (
                AlterPartitionReassignmentsRequest(topics: [
                    .init(
                        name: "events",
                        partitions: [
                            .init(partition: 0, replicas: [0]), .init(partition: 0, replicas: [0, 1]),
                            .init(partition: 1, replicas: nil), .init(partition: 1, replicas: []),
                            .init(partition: 2, replicas: [0]),
                        ]
                    )
                ]), 0
            )
        ])
        #expect(
            answers[0].topics[0].partitions.map(\.errorCode) == [
                .none, .invalidReplicaAssignment, .noReassignmentInProgress, .invalidReplicaAssignment,
                .unknownTopicOrPartition,
            ]
        )
        let moves: [ListPartitionReassignmentsResponse] = try await ask([
            (ListPartitionReassignmentsRequest(topics: nil), 0)
        ])
        #expect(moves[0].errorCode == .none)
        #expect(moves[0].topics.isEmpty)
    }
}
