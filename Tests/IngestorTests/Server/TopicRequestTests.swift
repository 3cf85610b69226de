import CommitLog
import Ingestor
import KafkaProtocol
import NIOCore
import PipelineTesting
import Testing

@Suite(.timeLimit(.minutes(15))) struct TopicRequestTests {
    @Test func errorsShowWhatAClientWroteAsALine() async throws {
        try await withIngestor { address in
            try await withConnection(to: address) { client in
                let name = "\u{1b}[2J\nretention" + String(repeating: "x", count: 10_000)
                let topic = CreateTopicsRequest.Topic(name: "made", configuration: [.init(name: name, value: "1")])
                let created: CreateTopicsResponse = try await client.exchange(
                    CreateTopicsRequest(topics: [topic]),
                    version: 5
                )
                #expect(created.topics[0].errorCode == .invalidConfig)
                let message = try #require(created.topics[0].errorMessage)
                #expect(message.hasPrefix("a topic has no setting '\\u{1b}[2J\\nretentionxxx"))
                #expect(message.utf8.count < 1_100)
            }
        }
    }

    @Test func topicIsMadeOnFirstUse() async throws {
        try await withIngestor(configure: { $0.partitionCount = 3 }) { address in
            try await withConnection(to: address) { client in
                let response: MetadataResponse = try await client.exchange(
                    MetadataRequest(topics: ["new", "not a name"]),
                    version: 9
                )
                #expect(response.topics.map(\.errorCode) == [.none, .invalidTopic])
                #expect(response.topics[0].partitions.map(\.partition) == [0, 1, 2])
                #expect(response.brokers.map { "\($0.host):\($0.port)" } == ["\(address)"])
                #expect(response.controllerID == 0)
                #expect(response.clusterID?.isEmpty == false)
            }
        }
    }

    @Test func topicIsNotMadeWhereClientOrConfigurationSaysNo() async throws {
        try await withIngestor { address in
            try await withConnection(to: address) { client in
                let response: MetadataResponse = try await client.exchange(
                    MetadataRequest(topics: ["new"], allowsAutoTopicCreation: false),
                    version: 9
                )
                #expect(response.topics.map(\.errorCode) == [.unknownTopicOrPartition])
            }
        }
        try await withIngestor(configure: { $0.createsTopicsOnFirstUse = false }) { address in
            try await withConnection(to: address) { client in
                let response: MetadataResponse = try await client.exchange(
                    MetadataRequest(topics: ["new"]),
                    version: 1
                )
                #expect(response.topics.map(\.errorCode) == [.unknownTopicOrPartition])
            }
        }
    }

    @Test func configuredTopicsExistAfterTheStart() async throws {
        func configure(_ configuration: inout IngestorConfiguration) {
            configuration.topics = ["users", "prizes"].map { TopicSpecification(name: $0, partitionCount: 2) }
            configuration.log.retentionMilliseconds = 172_800_000
        }
        try await withIngestor(configure: configure) { address in
            try await withConnection(to: address) { client in
                let response: MetadataResponse = try await client.exchange(MetadataRequest(topics: nil), version: 9)
                #expect(response.clientTopics.map(\.name) == ["prizes", "users"])
                #expect(response.clientTopics.allSatisfy { $0.partitions.count == 2 })
                let retention = try await setting("retention.ms", of: .topic, named: "users", client: &client)
                #expect(retention == "172800000")
            }
        }
    }

    /// A topic that cannot be, and why.
    static let refusals: [(CreateTopicsRequest.Topic, ErrorCode)] = [
        (.init(name: "events", partitionCount: 1), .topicAlreadyExists),
        (.init(name: "a/b", partitionCount: 1), .invalidTopic),
        (.init(name: "x", partitionCount: 0), .invalidPartitions),
        (.init(name: "x", partitionCount: 1_000_000), .invalidPartitions),
        (.init(name: "x", partitionCount: 1, replicationFactor: 3), .invalidReplicationFactor),
        (.init(name: "x", assignments: [.init(partition: 0, brokerIDs: [4])]), .invalidReplicaAssignment),
        (.init(name: "x", assignments: [.init(partition: 1, brokerIDs: [0])]), .invalidReplicaAssignment),
        (.init(name: "x", configuration: [.init(name: "retention.msec", value: "1")]), .invalidConfig),
        (.init(name: "x", configuration: [.init(name: "retention.ms", value: "long")]), .invalidConfig),
        (.init(name: "x", configuration: [.init(name: "cleanup.policy", value: "shrink")]), .invalidConfig),
        (.init(name: "x", partitionCount: 6), .policyViolation),
    ]

    @Test(arguments: refusals.indices)
    func refusalSaysWhy(index: Int) async throws {
        try await withIngestor(configure: {
            $0.topics = [events]
            $0.limits.partitionsMax = 5
        }) { address in
            try await withConnection(to: address) { client in
                let response: CreateTopicsResponse = try await client.exchange(
                    CreateTopicsRequest(topics: [Self.refusals[index].0]),
                    version: 6
                )
                #expect(response.topics[0].errorCode == Self.refusals[index].1)
                #expect(response.topics[0].errorMessage?.isEmpty == false)
                let metadata: MetadataResponse = try await client.exchange(MetadataRequest(topics: nil), version: 9)
                #expect(metadata.clientTopics.map(\.name) == ["events"])
            }
        }
    }

    @Test func topicsComeAndGo() async throws {
        try await withIngestor { address in
            try await withConnection(to: address) { client in
                let wanted = CreateTopicsRequest.Topic(
                    name: "made",
                    partitionCount: 2,
                    replicationFactor: 1,
                    configuration: [.init(name: "retention.ms", value: "1000")]
                )
                let checked: CreateTopicsResponse = try await client.exchange(
                    CreateTopicsRequest(topics: [wanted], validatesOnly: true),
                    version: 6
                )
                #expect(checked.topics[0].errorCode == .none)
                let twice: CreateTopicsResponse = try await client.exchange(
                    CreateTopicsRequest(topics: [wanted, wanted]),
                    version: 6
                )
                #expect(twice.topics.map(\.errorCode) == [.invalidRequest, .invalidRequest])
                let made: CreateTopicsResponse = try await client.exchange(
                    CreateTopicsRequest(topics: [wanted]),
                    version: 6
                )
                #expect(made.topics[0].partitionCount == 2)
                #expect(
                    made.topics[0].configuration?.contains { $0.name == "retention.ms" && $0.value == "1000" } == true
                )
                let deleted: DeleteTopicsResponse = try await client.exchange(
                    DeleteTopicsRequest(names: ["made", "made"]),
                    version: 5
                )
                #expect(deleted.topics.map(\.errorCode) == [.none, .unknownTopicOrPartition])
                // The name is free again, and the new topic is empty.
                let again: CreateTopicsResponse = try await client.exchange(
                    CreateTopicsRequest(topics: [wanted]),
                    version: 6
                )
                #expect(again.topics[0].errorCode == .none)
            }
        }
    }

    /// The flush policy, and how it is shown.
    static let policies: [(FlushPolicy, String)] = [
        (.os, "os"), (.interval(milliseconds: 500), "interval 500 ms"), (.always, "always"),
    ]

    @Test(arguments: policies.indices)
    func flushPolicyIsShown(index: Int) async throws {
        let log = CollectedLog()
        try await withIngestor(log: log, configure: { $0.log.flushPolicy = Self.policies[index].0 }) { address in
            try await withConnection(to: address) { client in
                let shown = try await setting("log.flush.policy", of: .broker, named: "0", client: &client)
                #expect(shown == Self.policies[index].1)
            }
        }
        #expect(log.contains("ingestor.flush=\(Self.policies[index].1)"))
    }

    @Test func settingsOfNothingAreRefused() async throws {
        try await withIngestor { address in
            try await withConnection(to: address) { client in
                let response: DescribeConfigsResponse = try await client.exchange(
                    DescribeConfigsRequest(resources: [
                        .init(type: ConfigurationResource.topic.rawValue, name: "nowhere"),
                        .init(type: ConfigurationResource.broker.rawValue, name: "7"), .init(type: 99, name: "x"),
                    ]),
                    version: 4
                )
                #expect(
                    response.results.map(\.errorCode) == [.unknownTopicOrPartition, .invalidRequest, .invalidRequest]
                )
            }
        }
    }

    private func setting(
        _ name: String,
        of type: ConfigurationResource,
        named resource: String,
        client: inout WireClient
    ) async throws -> String? {
        let request = DescribeConfigsRequest(resources: [.init(type: type.rawValue, name: resource, keys: [name])])
        let response: DescribeConfigsResponse = try await client.exchange(request, version: 4)
        return response.results.first?.entries.first?.value
    }
}
