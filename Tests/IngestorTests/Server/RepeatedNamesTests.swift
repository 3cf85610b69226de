import Ingestor
import KafkaProtocol
import NIOCore
import Testing

/// What a request names many times is answered once: a small request must not make an answer that fills the memory.
@Suite(.timeLimit(.minutes(15))) struct RepeatedNamesTests {
    private func answer<Response: WireResponse>(
        to request: some WireRequest,
        version: Int16,
        _ type: Response.Type = Response.self
    ) async throws -> Response {
        try await withIngestor(configure: {
            $0.topics = [events]
            $0.limits.partitionsPerRequestMax = 4
        }) { address in
            try await withConnection(to: address) { client in
                for group in ["one", "two"] {
                    let commit = OffsetCommitRequest(
                        groupID: group,
                        topics: [.init(name: "events", partitions: [.init(partition: 0, offset: 7)])]
                    )
                    let _: OffsetCommitResponse = try await client.exchange(commit, version: 8)
                }
                return try await client.exchange(request, version: version, for: type)
            }
        }
    }

    @Test(arguments: [true, false])
    func topicIsDescribedOnce(creates: Bool) async throws {
        let names = ["nowhere", "events", "events", "nowhere", "events"]
        let response: MetadataResponse = try await answer(
            to: MetadataRequest(topics: names, allowsAutoTopicCreation: creates),
            version: 9
        )
        #expect(response.topics.map(\.name) == ["nowhere", "events"])
    }

    @Test func settingsAreDescribedOnce() async throws {
        let topic = ConfigurationResource.topic.rawValue
        let broker = ConfigurationResource.broker.rawValue
        let response: DescribeConfigsResponse = try await answer(
            to: DescribeConfigsRequest(resources: [
                .init(type: topic, name: "events", keys: ["retention.ms"]), .init(type: broker, name: "0"),
                .init(type: topic, name: "events", keys: ["segment.bytes"]), .init(type: broker, name: "0", keys: []),
            ]),
            version: 4
        )
        #expect(response.results.map(\.resourceName) == ["events", "0"])
        #expect(response.results[0].entries.map(\.name).sorted() == ["retention.ms", "segment.bytes"])
        #expect(response.results[1].entries.count > 10, "all were asked for once")
    }

    @Test func offsetsAreToldOnce() async throws {
        let topic = OffsetFetchRequest.Topic(name: "events", partitions: [0, 0, 1])
        let response: OffsetFetchResponse = try await answer(
            to: OffsetFetchRequest(groups: [
                .init(groupID: "one", topics: [topic, topic]), .init(groupID: "two"),
                .init(groupID: "one", topics: [topic]), .init(groupID: "two", topics: []),
            ]),
            version: 8
        )
        #expect(response.groups.map(\.groupID) == ["one", "two"])
        #expect(response.groups[0].topics.map { $0.partitions.map(\.partition) } == [[0, 1]])
        #expect(response.groups[0].topics[0].partitions.map(\.offset) == [7, -1])
        #expect(response.groups[1].topics.map { $0.partitions.map(\.offset) } == [[7]])
    }

    @Test func offsetOfAPartitionIsLookedForOnce() async throws {
        let places = [
            ListOffsetsRequest.Partition(partition: 0, timestamp: 5), .init(partition: 1, timestamp: 5),
            .init(partition: 0, timestamp: 6),
        ]
        let response: ListOffsetsResponse = try await answer(
            to: ListOffsetsRequest(replicaID: -1, topics: [.init(name: "events", partitions: places)]),
            version: 7
        )
        #expect(
            response.topics[0].partitions.map(\.errorCode) == [.none, .unknownTopicOrPartition, .invalidRequest],
            "as Kafka refuses it"
        )
    }

    @Test func groupThatIsRefusedLeavesTheOthersTheirShare() async throws {
        let many = OffsetFetchRequest.Topic(name: "events", partitions: [0, 1, 2, 3, 4])
        let fetched: OffsetFetchResponse = try await answer(
            to: OffsetFetchRequest(groups: [.init(groupID: "one", topics: [many]), .init(groupID: "two")]),
            version: 8
        )
        #expect(fetched.groups.map(\.errorCode) == [.invalidRequest, .none])
        #expect(fetched.groups[1].topics.map { $0.partitions.map(\.offset) } == [[7]])
    }

    @Test func coordinatorIsToldOnce() async throws {
        let response: FindCoordinatorResponse = try await answer(
            to: FindCoordinatorRequest(keyType: 0, keys: ["a", "b", "a"]),
            version: 4
        )
        #expect(response.coordinators.map(\.key) == ["a", "b"])
    }

    @Test func offsetsOfMorePartitionsThanOneAnswerMayHaveAreRefused() async throws {
        let many = OffsetFetchRequest.Topic(name: "events", partitions: [0, 1, 2, 3, 4])
        let fetched: OffsetFetchResponse = try await answer(
            to: OffsetFetchRequest(groups: [.init(groupID: "one", topics: [many])]),
            version: 8
        )
        #expect(fetched.groups.map(\.errorCode) == [.invalidRequest])
        let old: OffsetFetchResponse = try await answer(
            to: OffsetFetchRequest(groups: [.init(groupID: "one", topics: [many])]),
            version: 1
        )
        #expect(
            old.groups[0].topics[0].partitions.map(\.errorCode) == Array(repeating: .invalidRequest, count: 5),
            "such an answer has no place for a group's error"
        )
        let places = Array(repeating: ListOffsetsRequest.Partition(partition: 0, timestamp: 5), count: 5)
        let found: ListOffsetsResponse = try await answer(
            to: ListOffsetsRequest(replicaID: -1, topics: [.init(name: "events", partitions: places)]),
            version: 7
        )
        #expect(found.topics[0].partitions.map(\.errorCode) == Array(repeating: .invalidRequest, count: 5))
    }
}
