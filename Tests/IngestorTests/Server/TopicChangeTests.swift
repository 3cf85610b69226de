import CommitLog
import Ingestor
import KafkaProtocol
import NIOCore
import PipelineTesting
import Testing

/// Topics change while clients use them, and stay changed.
@Suite(.timeLimit(.minutes(15))) struct TopicChangeTests {
    private static let topic = ConfigurationResource.topic.rawValue

    // MARK: Partitions

    @Test func aTopicGetsMorePartitions() async throws {
        try await withTemporaryDirectory { directory in
            try await withIngestor(in: directory, configure: { $0.topics = [events] }) { address in
                try await withConnection(to: address) { client in
                    let checked = CreatePartitionsRequest(
                        topics: [.init(name: "events", partitionCount: 3)],
                        validatesOnly: true
                    )
                    var response: CreatePartitionsResponse = try await client.exchange(checked, version: 3)
                    #expect(response.topics.map(\.errorCode) == [.none])
                    try await expect(partitions: 1, &client)
                    response = try await client.exchange(
                        CreatePartitionsRequest(topics: [.init(name: "events", partitionCount: 3)]),
                        version: 0
                    )
                    #expect(response.topics.map(\.errorCode) == [.none])
                    try await expect(partitions: 3, &client)
                    let produced: ProduceResponse = try await client.exchange(
                        Batches.produce(Batches.batch(["new"]), partition: 2),
                        version: 9
                    )
                    #expect(produced.only.errorCode == .none)
                }
            }
            try await withIngestor(in: directory) { address in
                try await withConnection(to: address) { client in
                    try await expect(partitions: 3, &client)
                    let fetched: FetchResponse = try await client.exchange(
                        Batches.fetch(from: 0, partition: 2),
                        version: 12
                    )
                    #expect(try fetched.only.values == ["new"])
                }
            }
        }
    }

    private func expect(
        partitions count: Int,
        _ client: inout WireClient,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let response: MetadataResponse = try await client.exchange(MetadataRequest(topics: ["events"]), version: 9)
        #expect(response.topics[0].partitions.count == count, sourceLocation: sourceLocation)
    }

    /// More partitions that cannot be had, and why.
    static let refusals: [(CreatePartitionsRequest.Topic, ErrorCode)] = [
        (.init(name: "nowhere", partitionCount: 2), .unknownTopicOrPartition),
        (.init(name: "events", partitionCount: 1), .invalidPartitions),
        (.init(name: "events", partitionCount: 0), .invalidPartitions),
        (.init(name: "events", partitionCount: -1), .invalidPartitions),
        (.init(name: "events", partitionCount: .max), .invalidPartitions),
        (.init(name: "events", partitionCount: 6), .policyViolation),
        (.init(name: "events", partitionCount: 3, assignments: [.init(brokerIDs: [0])]), .invalidReplicaAssignment),
        (.init(name: "events", partitionCount: 2, assignments: [.init(brokerIDs: [4])]), .invalidReplicaAssignment),
        (.init(name: "events", partitionCount: 2, assignments: [.init(brokerIDs: [])]), .invalidReplicaAssignment),
    ]

    @Test(arguments: refusals.indices)
    func refusedPartitionsSayWhy(index: Int) async throws {
        try await withIngestor(configure: {
            $0.topics = [events]
            $0.limits.partitionsMax = 5
        }) { address in
            try await withConnection(to: address) { client in
                for validates in [true, false] {
                    let response: CreatePartitionsResponse = try await client.exchange(
                        CreatePartitionsRequest(topics: [Self.refusals[index].0], validatesOnly: validates),
                        version: 3
                    )
                    #expect(response.topics.map(\.errorCode) == [Self.refusals[index].1])
                    #expect(response.topics[0].errorMessage?.isEmpty == false)
                }
                try await expect(partitions: 1, &client)
            }
        }
    }

    @Test func aTopicThatIsNamedTwiceGetsNone() async throws {
        try await withIngestor(configure: { $0.topics = [events] }) { address in
            try await withConnection(to: address) { client in
                let twice = CreatePartitionsRequest.Topic(name: "events", partitionCount: 2)
                let response: CreatePartitionsResponse = try await client.exchange(
                    CreatePartitionsRequest(topics: [twice, twice]),
                    version: 3
                )
                #expect(response.topics.map(\.errorCode) == [.invalidRequest])
                try await expect(partitions: 1, &client)
            }
        }
    }

    // MARK: Settings

    /// Expects the settings that were chosen for a topic.
    private func expect(
        overrides: [String: String],
        of name: String = "events",
        _ client: inout WireClient,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let request = DescribeConfigsRequest(resources: [.init(type: Self.topic, name: name)])
        let response: DescribeConfigsResponse = try await client.exchange(request, version: 4)
        let chosen = response.results[0].entries.filter { $0.source == ConfigurationSource.topic.rawValue }
        let shown = Dictionary(uniqueKeysWithValues: chosen.map { ($0.name, $0.value ?? "") })
        #expect(shown == overrides, sourceLocation: sourceLocation)
    }

    private func alter(
        _ client: inout WireClient,
        _ entries: [(String, ConfigurationOperation, String?)],
        validatesOnly: Bool = false
    ) async throws -> AlteredResource {
        let resource = IncrementalAlterConfigsRequest.Resource(
            type: Self.topic,
            name: "events",
            entries: entries.map { .init(name: $0.0, operation: $0.1.rawValue, value: $0.2) }
        )
        let response: IncrementalAlterConfigsResponse = try await client.exchange(
            IncrementalAlterConfigsRequest(resources: [resource], validatesOnly: validatesOnly),
            version: 1
        )
        return try #require(response.resources.first)
    }

    @Test func settingsChangeOneByOneAndStay() async throws {
        let topic = TopicSpecification(name: "events", settings: ["retention.ms": "5000", "segment.bytes": "70000"])
        try await withTemporaryDirectory { directory in
            try await withIngestor(in: directory, configure: { $0.topics = [topic] }) { address in
                try await withConnection(to: address) { client in
                    let done = try await alter(
                        &client,
                        [
                            ("retention.ms", .delete, nil), ("max.message.bytes", .set, "100"),
                            ("leader.replication.throttled.replicas", .append, "0:0,1:0"),
                        ]
                    )
                    #expect(done.errorCode == .none, "\(done)")
                    let again = try await alter(&client, [("leader.replication.throttled.replicas", .subtract, "0:0")])
                    #expect(again.errorCode == .none)
                    let refused: ProduceResponse = try await client.exchange(
                        Batches.produce(Batches.batch([String(repeating: "x", count: 200)])),
                        version: 9
                    )
                    #expect(refused.only.errorCode == .messageTooLarge, "it is in use at once")
                }
            }
            try await withIngestor(in: directory) { address in
                try await withConnection(to: address) { client in
                    let expected = [
                        "segment.bytes": "70000", "max.message.bytes": "100",
                        "leader.replication.throttled.replicas": "1:0",
                    ]
                    try await expect(overrides: expected, &client)
                }
            }
        }
    }

    /// A change that is not made, and why.
    static let wrongChanges: [([(String, ConfigurationOperation, String?)], ErrorCode)] = [
        ([("retention.msec", .set, "1")], .invalidConfig), ([("retention.msec", .delete, nil)], .invalidConfig),
        ([("retention.ms", .set, "long")], .invalidConfig), ([("retention.ms", .set, nil)], .invalidRequest),
        ([("retention.ms", .append, "5")], .invalidConfig), ([("cleanup.policy", .append, "shrink")], .invalidConfig),
        ([("cleanup.policy", .subtract, "delete")], .invalidConfig),
        ([("retention.ms", .set, "1"), ("retention.ms", .delete, nil)], .invalidRequest),
        ([("retention.ms", .set, "1"), ("segment.bytes", .set, "x")], .invalidConfig),
        ([("max.message.bytes", .set, "99999999")], .invalidConfig), ([("hera.topic.id", .set, "x")], .invalidConfig),
        ([("min.compaction.lag.ms", .set, "9"), ("max.compaction.lag.ms", .set, "8")], .invalidConfig),
        ([("remote.storage.enable", .set, "true")], .invalidConfig),
    ]

    @Test(arguments: wrongChanges.indices)
    func aWrongChangeIsNotMadeAtAll(index: Int) async throws {
        try await withIngestor(configure: { $0.topics = [events] }) { address in
            try await withConnection(to: address) { client in
                let (entries, code) = Self.wrongChanges[index]
                for validates in [true, false] {
                    let outcome = try await alter(&client, entries, validatesOnly: validates)
                    #expect(outcome.errorCode == code)
                    #expect(outcome.errorMessage?.isEmpty == false)
                }
                try await expect(overrides: [:], &client)
            }
        }
    }

    @Test func aChangeThatIsOnlyCheckedIsNotMade() async throws {
        try await withIngestor(configure: { $0.topics = [events] }) { address in
            try await withConnection(to: address) { client in
                let checked = try await alter(&client, [("retention.ms", .set, "1")], validatesOnly: true)
                #expect(checked.errorCode == .none)
                try await expect(overrides: [:], &client)
            }
        }
    }

    @Test func alterConfigsReplacesAllSettings() async throws {
        let topic = TopicSpecification(name: "events", settings: ["retention.ms": "5000"])
        try await withIngestor(configure: { $0.topics = [topic] }) { address in
            try await withConnection(to: address) { client in
                let steps: [([AlterConfigsRequest.Entry], ErrorCode, [String: String])] = [
                    ([.init(name: "segment.bytes", value: "70000")], .none, ["segment.bytes": "70000"]),
                    ([.init(name: "segment.bytes", value: nil)], .invalidRequest, ["segment.bytes": "70000"]),
                    ([], .none, [:]),
                ]
                for (entries, code, left) in steps {
                    let resource = AlterConfigsRequest.Resource(type: Self.topic, name: "events", entries: entries)
                    let response: AlterConfigsResponse = try await client.exchange(
                        AlterConfigsRequest(resources: [resource]),
                        version: 2
                    )
                    #expect(response.resources.map(\.errorCode) == [code])
                    try await expect(overrides: left, &client)
                }
            }
        }
    }

    @Test func theLogNamesWhatChanged() async throws {
        let topic = TopicSpecification(name: "events", settings: ["retention.ms": "5000"])
        let log = CollectedLog()
        try await withIngestor(log: log, configure: { $0.topics = [topic] }) { address in
            try await withConnection(to: address) { client in
                let same = AlterConfigsRequest.Entry(name: "retention.ms", value: "5000")
                for entries in [[same], []] {
                    let resource = AlterConfigsRequest.Resource(type: Self.topic, name: "events", entries: entries)
                    let _: AlterConfigsResponse = try await client.exchange(
                        AlterConfigsRequest(resources: [resource]),
                        version: 2
                    )
                }
            }
        }
        let lines = log.all.filter { $0.contains("settings of the topic changed") }
        #expect(lines.count == 1, "what is as it was did not change")
        #expect(lines.first?.contains("retention.ms") == true, "also where the request does not name it")
    }

    @Test func onlySettingsOfTopicsCanBeChanged() async throws {
        try await withIngestor(configure: { $0.topics = [events] }) { address in
            try await withConnection(to: address) { client in
                let resources: [(Int8, String)] = [
                    (Self.topic, "nowhere"), (ConfigurationResource.broker.rawValue, "0"),
                    (ConfigurationResource.broker.rawValue, ""), (ConfigurationResource.brokerLogger.rawValue, "0"),
                    (ConfigurationResource.group.rawValue, "g"), (99, "x"), (Self.topic, "events"),
                    (Self.topic, "events"),
                ]
                let response: IncrementalAlterConfigsResponse = try await client.exchange(
                    IncrementalAlterConfigsRequest(
                        resources: resources.map {
                            .init(type: $0, name: $1, entries: [.init(name: "retention.ms", operation: 0, value: "1")])
                        }
                    ),
                    version: 1
                )
                #expect(
                    response.resources.map(\.errorCode)
                        == [.unknownTopicOrPartition] + Array(repeating: .invalidRequest, count: 6)
                )
                #expect(response.resources.map(\.name) == ["nowhere", "0", "", "0", "g", "x", "events"])
            }
        }
    }

    @Test func settingsShowWhereTheyAreFrom() async throws {
        try await withIngestor(configure: {
            $0.topics = [TopicSpecification(name: "events", settings: ["retention.bytes": "9"])]
            $0.log.retentionBytes = 7
        }) { address in
            try await withConnection(to: address) { client in
                let response: DescribeConfigsResponse = try await client.exchange(
                    DescribeConfigsRequest(
                        resources: [
                            .init(type: Self.topic, name: "events"),
                            .init(type: ConfigurationResource.broker.rawValue, name: "0"),
                            .init(type: ConfigurationResource.brokerLogger.rawValue, name: "0"),
                            .init(type: ConfigurationResource.group.rawValue, name: "g"),
                        ],
                        includesSynonyms: true,
                        includesDocumentation: true
                    ),
                    version: 4
                )
                #expect(response.results.map(\.errorCode) == Array(repeating: .none, count: 4))
                #expect(response.results.allSatisfy { !$0.entries.isEmpty })
                let all = response.results.flatMap(\.entries)
                #expect(all.allSatisfy { $0.documentation?.isEmpty == false && $0.type > 0 })
                #expect(
                    all.allSatisfy {
                        $0.synonyms.first?.value == $0.value && $0.synonyms.last?.source == 5 || $0.name == "root"
                    }
                )
                let entry = try #require(response.results[0].entries.first { $0.name == "retention.bytes" })
                #expect(entry.value == "9")
                #expect(!entry.isReadOnly)
                #expect(entry.type == ConfigurationType.long.rawValue)
                #expect(entry.synonyms.map(\.value) == ["9", "7", "-1"])
                let onNode = try #require(response.results[1].entries.first { $0.name == "log.retention.bytes" })
                #expect(onNode.source == ConfigurationSource.staticBroker.rawValue)
                #expect(onNode.isReadOnly)
            }
        }
    }

    @Test(arguments: [nil, [], ["retention.ms"]] as [[String]?])
    func settingsAreShownByName(keys: [String]?) async throws {
        try await withIngestor(configure: { $0.topics = [events] }) { address in
            try await withConnection(to: address) { client in
                let response: DescribeConfigsResponse = try await client.exchange(
                    DescribeConfigsRequest(resources: [.init(type: Self.topic, name: "events", keys: keys)]),
                    version: 4
                )
                let names = response.results[0].entries.map(\.name)
                #expect(keys?.isEmpty == false ? names == keys : names.count > 30)
            }
        }
    }

    // MARK: Topics

    @Test func namesThatDifferOnlyInDotsAndUnderscoresAreRefused() async throws {
        try await withIngestor(configure: { $0.topics = [TopicSpecification(name: "a.b")] }) { address in
            try await withConnection(to: address) { client in
                let created: CreateTopicsResponse = try await client.exchange(
                    CreateTopicsRequest(topics: [.init(name: "a_b", partitionCount: 1), .init(name: "a_c")]),
                    version: 7
                )
                #expect(created.topics.map(\.errorCode) == [.invalidTopic, .none])
                #expect(created.topics[0].errorMessage?.contains("'a.b'") == true)
                let metadata: MetadataResponse = try await client.exchange(
                    MetadataRequest(topics: ["a_b", "a.c"]),
                    version: 9
                )
                #expect(metadata.topics.map(\.errorCode) == [.invalidTopic, .invalidTopic])
            }
        }
    }

    @Test func topicsAreCreatedWithAnIDAndDeletedByIt() async throws {
        try await withIngestor(configure: { $0.topics = [events] }) { address in
            try await withConnection(to: address) { client in
                let wanted = CreateTopicsRequest.Topic(
                    name: "made",
                    configuration: [.init(name: "min.insync.replicas", value: "2")]
                )
                let checked: CreateTopicsResponse = try await client.exchange(
                    CreateTopicsRequest(topics: [wanted], validatesOnly: true),
                    version: 7
                )
                #expect(checked.topics[0].id == .zero)
                #expect(checked.topics[0].configuration?.count ?? 0 > 30)
                let created: CreateTopicsResponse = try await client.exchange(
                    CreateTopicsRequest(topics: [wanted]),
                    version: 7
                )
                let id = created.topics[0].id
                #expect(id != .zero)
                try await expect(overrides: ["min.insync.replicas": "2"], of: "made", &client)
                let other = KafkaUUID(mostSignificant: 1, leastSignificant: 1)
                let deleted: DeleteTopicsResponse = try await client.exchange(
                    DeleteTopicsRequest(topics: [
                        .init(name: "events", id: id), .init(id: other), .init(), .init(id: id), .init(name: "events"),
                    ]),
                    version: 6
                )
                #expect(
                    deleted.topics.map(\.errorCode)
                        == [.invalidRequest, .unknownTopicID, .invalidRequest, .none, .none]
                )
                #expect(deleted.topics.map(\.name) == ["events", nil, nil, "made", "events"])
                #expect(deleted.topics[3].id == id)
                let metadata: MetadataResponse = try await client.exchange(MetadataRequest(topics: nil), version: 9)
                #expect(metadata.clientTopics.isEmpty)
            }
        }
    }

    @Test func aSettingThatOneNodeCannotHonourIsNoticed() async throws {
        let log = CollectedLog()
        try await withIngestor(log: log) { address in
            try await withConnection(to: address) { client in
                let topic = CreateTopicsRequest.Topic(
                    name: "made",
                    configuration: [.init(name: "min.insync.replicas", value: "2")]
                )
                let _: CreateTopicsResponse = try await client.exchange(
                    CreateTopicsRequest(topics: [topic]),
                    version: 7
                )
            }
        }
        #expect(log.contains("notice min.insync.replicas is kept"))
    }

    // MARK: Records

    @Test func recordsAreDeletedAndStayDeleted() async throws {
        try await withTemporaryDirectory { directory in
            let topic = TopicSpecification(name: "events", partitionCount: 2)
            try await withIngestor(in: directory, configure: { $0.topics = [topic] }) { address in
                try await withConnection(to: address) { client in
                    for partition: Int32 in [0, 1] {
                        let _: ProduceResponse = try await client.exchange(
                            Batches.produce(Batches.batch(["a", "b", "c"]), partition: partition),
                            version: 9
                        )
                    }
                    let response: DeleteRecordsResponse = try await client.exchange(
                        DeleteRecordsRequest(topics: [
                            .init(
                                name: "events",
                                partitions: [
                                    .init(partition: 0, offset: 2), .init(partition: 1, offset: -1),
                                    .init(partition: 2, offset: 0), .init(partition: 0, offset: 3),
                                ]
                            ), .init(name: "nowhere", partitions: [.init(partition: 0, offset: 0)]),
                        ]),
                        version: 2
                    )
                    let outcomes = response.topics.flatMap(\.partitions)
                    #expect(
                        outcomes.map(\.errorCode)
                            == [.none, .none, .unknownTopicOrPartition, .invalidRequest, .unknownTopicOrPartition]
                    )
                    #expect(outcomes.map(\.lowWatermark) == [2, 3, -1, -1, -1])
                    for offset: Int64 in [4, -2] {
                        let refused: DeleteRecordsResponse = try await client.exchange(
                            DeleteRecordsRequest(topics: [
                                .init(name: "events", partitions: [.init(partition: 0, offset: offset)])
                            ]),
                            version: 0
                        )
                        #expect(refused.topics[0].partitions[0].errorCode == .offsetOutOfRange)
                    }
                }
            }
            try await withIngestor(in: directory) { address in
                try await withConnection(to: address) { client in
                    let early: FetchResponse = try await client.exchange(Batches.fetch(from: 1), version: 12)
                    #expect(early.only.errorCode == .offsetOutOfRange)
                    #expect(early.only.logStartOffset == 2)
                    let places = [
                        ListOffsetsRequest.Partition(partition: 0, timestamp: -2), .init(partition: 1, timestamp: -2),
                    ]
                    let starts: ListOffsetsResponse = try await client.exchange(
                        ListOffsetsRequest(replicaID: -1, topics: [.init(name: "events", partitions: places)]),
                        version: 7
                    )
                    #expect(starts.topics[0].partitions.map(\.offset) == [2, 3])
                }
            }
        }
    }
}
