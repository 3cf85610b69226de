import KafkaTopics
import Logging
import PipelineTesting
import Testing

@testable import KafkaClient

/// The client against the embedded ingestor: what librdkafka's mock cluster cannot do.
@Suite(.timeLimit(.minutes(15)))
struct ClientAndIngestorTests {
    private let logger = Logger(label: "test")

    private func write(_ bootstrap: [String], _ topic: String, _ numbers: Range<Int>, codec: String = "none")
        async throws
    {
        var configuration = ProducerConfiguration(bootstrap: bootstrap)
        configuration.compression = codec
        try await withProducer(configuration, logger: logger) { producer in
            var batch = OutgoingBatch(topic: topic)
            for number in numbers { batch.append(key: "key \(number)".utf8, value: "value \(number)".utf8) }
            let report = try await producer.send(batch)
            #expect(report.isComplete)
        }
    }

    @Test func topicsAreCreatedDescribedAndDeleted() async throws {
        try await withIngestor { bootstrap in
            try await withAdmin(ClientConfiguration(bootstrap: bootstrap), logger: logger) { admin in
                let topic = NewTopic(name: "prova", partitions: 3, configs: ["retention.ms": "123456"])
                try await admin.createTopic(topic)
                let description = try await admin.describeTopic("prova")
                #expect(description.partitions.map(\.number) == [0, 1, 2])
                let configs = try await admin.describeConfigs(ofTopic: "prova")
                let retention = try #require(configs.first { $0.name == "retention.ms" })
                #expect(retention.value == "123456")
                #expect(!retention.isDefault)

                let again = await #expect(throws: KafkaClientError.self) { try await admin.createTopic(topic) }
                #expect(again?.code == .alreadyExists)
                let failures = try await admin.createTopics([
                    NewTopic(name: "seconda", partitions: 1),
                    NewTopic(name: "terza", partitions: 1, configs: ["no.such.setting": "1"]),
                ])
                #expect(failures.mapValues(\.code) == ["terza": .badRequest])
                #expect(failures["terza"]?.message.contains("no.such.setting") == true)

                let deleted = try await admin.deleteTopics(["prova", "missing"])
                #expect(deleted.mapValues(\.code) == ["missing": .unknownTopic])
                let names = try await admin.topics().map(\.name)
                #expect(names == [TopicName.committedOffsets, "seconda"])
                let gone = await #expect(throws: KafkaClientError.self) {
                    try await admin.describeConfigs(ofTopic: "prova")
                }
                #expect(gone?.code == .unknownTopic)
            }
        }
    }

    @Test func settingsAndIDsOfTopicsAreAskedForTogether() async throws {
        try await withIngestor { bootstrap in
            try await withAdmin(ClientConfiguration(bootstrap: bootstrap), logger: logger) { admin in
                for name in ["prova", "seconda"] { try await admin.createTopic(NewTopic(name: name, partitions: 1)) }
                let names: Set = ["prova", "seconda", "missing"]
                let settings = try await admin.describeConfigs(ofTopics: names)
                #expect(Set(settings.keys) == names)
                let gone = #expect(throws: KafkaClientError.self) { try settings["missing"]?.get() }
                #expect(gone?.code == .unknownTopic)
                let ids = try await admin.topicIDs(of: names)
                #expect(Set(ids.keys) == ["prova", "seconda"] && ids["prova"] != ids["seconda"])
                _ = try await admin.deleteTopics(["prova"])
                try await admin.createTopic(NewTopic(name: "prova", partitions: 1))
                let again = try await admin.topicIDs(of: names)
                #expect(again["prova"] != ids["prova"] && again["seconda"] == ids["seconda"])
            }
        }
    }

    /// A topic whose id is not told is something else than a cluster that does not answer.
    @Test func questionAboutTopicsThatGetsNoAnswerIsAnError() async throws {
        try await withRefusedAddress { address in
            try await withAdmin(ClientConfiguration(bootstrap: [address]), logger: logger) { admin in
                let error = await #expect(throws: KafkaClientError.self) { try await admin.topicIDs(of: ["prova"]) }
                #expect(error?.isRetriable == true)
            }
        }
    }

    @Test func offsetsAreFoundByTime() async throws {
        try await withIngestor { bootstrap in
            let partition = TopicPartition(topic: "t", partition: 0)
            try await withAdmin(ClientConfiguration(bootstrap: bootstrap), logger: logger) {
                // The records are from 1970: retention by time would delete them.
                try await $0.createTopic(NewTopic(name: "t", partitions: 1, configs: ["retention.ms": "-1"]))
            }
            try await withProducer(ProducerConfiguration(bootstrap: bootstrap), logger: logger) { producer in
                for time in [1_000, 2_000, 3_000] as [Int64] {
                    _ = try await producer.send(
                        KafkaRecord(topic: "t", partition: 0, value: Array("v".utf8), timestamp: time)
                    )
                }
            }
            try await withAdmin(ClientConfiguration(bootstrap: bootstrap), logger: logger) { admin in
                for (time, offset) in [(0, 0), (1_001, 1), (2_000, 1), (3_001, 3)] as [(Int64, Int64)] {
                    let offsets = try await admin.offsets(of: [partition], .time(time))
                    #expect(offsets == [partition: offset], "at \(time)")
                }
                let summaries = try await admin.summaries()
                #expect(
                    summaries.filter { !$0.isInternal }
                        == [TopicSummary(name: "t", partitions: 1, records: 3, isInternal: false)]
                )
                let details = try await admin.details(ofTopic: "t")
                #expect(details.partitions.map(\.endOffset) == [3])
                let unknown = await #expect(throws: KafkaClientError.self) {
                    try await admin.offsets(of: [TopicPartition(topic: "t", partition: 9)], .latest)
                }
                #expect(unknown?.topicPartition?.partition == 9)
            }
        }
    }

    @Test func groupsAreLookedAfter() async throws {
        try await withIngestor { bootstrap in
            let partitions = (0..<2).map { TopicPartition(topic: "t", partition: $0) }
            try await withAdmin(ClientConfiguration(bootstrap: bootstrap), logger: logger) { admin in
                try await admin.createTopic(NewTopic(name: "t", partitions: 2))
                try await admin.alterOffsets(ofGroup: "g", [partitions[0]: 5, partitions[1]: 6])
                let groups = try await admin.groups()
                #expect(groups == [ConsumerGroupSummary(name: "g", state: "Empty", isSimple: true)])
                let group = try await admin.describeGroup("g")
                #expect(!group.isActive)
                #expect(try await admin.committedOffsets(ofGroup: "g") == [partitions[0]: 5, partitions[1]: 6])
                // The topic has no record: it was made again since.
                #expect(try await admin.lag(of: group).partitions.map(\.lag) == [-5, -6])
                #expect(try await admin.lags().map(\.total) == [0])

                try await admin.deleteOffsets(ofGroup: "g", [partitions[0]])
                #expect(try await admin.committedOffsets(ofGroup: "g") == [partitions[1]: 6])
                let reset = try await admin.reset(ofGroup: "g", to: .earliest)
                #expect(reset.partitions.map(\.newOffset) == [0])
                try await admin.apply(reset)
                #expect(try await admin.committedOffsets(ofGroup: "g") == [partitions[1]: 0])

                let failures = try await admin.deleteGroups(["g", "nobody"])
                #expect(failures.mapValues(\.code) == ["nobody": .unknownGroup])
                #expect(try await admin.describeGroup("g").state == "Dead")
                let gone = await #expect(throws: KafkaClientError.self) { try await admin.lags(of: ["g"]) }
                #expect(gone?.code == .unknownGroup)
            }
        }
    }

    @Test(arguments: ["none", "gzip", "snappy", "lz4", "zstd"])
    func everyCodecComesBackAsItWasSent(_ codec: String) async throws {
        try await withIngestor { bootstrap in
            try await withAdmin(ClientConfiguration(bootstrap: bootstrap), logger: logger) {
                try await $0.createTopic(NewTopic(name: "t", partitions: 2))
            }
            try await write(bootstrap, "t", 0..<2_000, codec: codec)
            let values = try await withConsumer(
                ConsumerConfiguration(bootstrap: bootstrap, group: "g"),
                logger: logger
            ) { consumer in
                try await consumer.subscribe(["t"])
                var values: [String] = []
                for try await event in consumer.events {
                    guard case .batch(let batch) = event else { continue }
                    for record in batch.copies() {
                        #expect(record.key.map { $0.dropFirst(4) } == record.value.map { $0.dropFirst(6) })
                        values.append(String(decoding: record.value ?? [], as: UTF8.self))
                    }
                    if values.count >= 2_000 { break }
                }
                return values
            }
            #expect(values.sorted() == (0..<2_000).map { "value \($0)" }.sorted())
        }
    }

    @Test(arguments: [ConsumerConfiguration.Rebalancing.eager, .cooperative])
    func aMemberThatComesAndGoesLosesAndDoublesNothing(_ rebalancing: ConsumerConfiguration.Rebalancing) async throws {
        try await withIngestor { bootstrap in
            try await withAdmin(ClientConfiguration(bootstrap: bootstrap), logger: logger) {
                try await $0.createTopic(NewTopic(name: "t", partitions: 4))
            }
            try await write(bootstrap, "t", 0..<1_000)
            var configuration = ConsumerConfiguration(bootstrap: bootstrap, group: "g")
            configuration.rebalancing = rebalancing
            // As long as a busy machine may take: nothing here waits for it.
            configuration.sessionTimeout = .seconds(60)
            let (progress, happened) = AsyncStream<Void>.makeStream()
            let read = Shared<[String]>([])
            let first = Member(configuration: configuration, read: read, happened: happened, logger: logger)
            let second = Member(configuration: configuration, read: read, happened: happened, logger: logger)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await first.run("t") }
                var step = 0
                for await _ in progress {
                    let count = read.withLock { $0.count }
                    switch step {
                    case 0 where count == 1_000: group.addTask { try await second.run("t") }
                    case 1 where first.owned == 2 && second.owned == 2: try await write(bootstrap, "t", 1_000..<2_000)
                    case 2 where count == 2_000: second.shutDown()
                    case 3 where first.owned == 4: try await write(bootstrap, "t", 2_000..<3_000)
                    case 4 where count == 3_000: first.shutDown()
                    default: continue
                    }
                    step += 1
                    if step == 5 { break }
                    // The next step may be due already.
                    happened.yield()
                }
                try await group.waitForAll()
            }
            let values = read.withLock { $0 }
            #expect(values.count == 3_000)
            #expect(Set(values).count == 3_000)
        }
    }
}
