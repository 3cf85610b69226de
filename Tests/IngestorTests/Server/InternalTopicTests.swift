import Ingestor
import KafkaProtocol
import NIOCore
import PipelineTesting
import Testing

/// `__consumer_offsets` as clients see it: they can read it, and that is all.
@Suite(.timeLimit(.minutes(5))) struct InternalTopicTests {
    private let topic = "__consumer_offsets"

    @Test func itIsListedAsInternalAndNotCounted() async throws {
        try await withIngestor(configure: {
            $0.topics = [events]
            $0.limits.partitionsMax = 1
        }) { address in
            try await withConnection(to: address) { client in
                let all: MetadataResponse = try await client.exchange(MetadataRequest(topics: nil), version: 9)
                #expect(all.topics.map(\.name) == [topic, "events"])
                #expect(all.topics.map(\.isInternal) == [true, false])
                #expect(all.topics[0].partitions.count == 1)
                let paged: DescribeTopicPartitionsResponse = try await client.exchange(
                    DescribeTopicPartitionsRequest(topics: []),
                    version: 0
                )
                #expect(paged.topics.map(\.isInternal) == [true, false])
            }
        }
    }

    @Test func nothingOfItCanBeChanged() async throws {
        try await withIngestor { address in
            try await withConnection(to: address) { client in
                let produced: ProduceResponse = try await client.exchange(
                    Batches.produce(Batches.batch(["a"]), to: topic),
                    version: 9
                )
                #expect(produced.only.errorCode == .invalidTopic)
                let records: DeleteRecordsResponse = try await client.exchange(
                    DeleteRecordsRequest(topics: [.init(name: topic, partitions: [.init(partition: 0, offset: -1)])]),
                    version: 2
                )
                #expect(records.topics[0].partitions[0].errorCode == .invalidTopic)
                let partitions: CreatePartitionsResponse = try await client.exchange(
                    CreatePartitionsRequest(topics: [.init(name: topic, partitionCount: 3)]),
                    version: 3
                )
                #expect(partitions.topics[0].errorCode == .invalidTopic)
                let resource = IncrementalAlterConfigsRequest.Resource(
                    type: ConfigurationResource.topic.rawValue,
                    name: topic,
                    entries: [.init(name: "cleanup.policy", operation: 0, value: "delete")]
                )
                let altered: IncrementalAlterConfigsResponse = try await client.exchange(
                    IncrementalAlterConfigsRequest(resources: [resource]),
                    version: 1
                )
                #expect(altered.resources[0].errorCode == .invalidTopic)
                let created: CreateTopicsResponse = try await client.exchange(
                    CreateTopicsRequest(topics: [.init(name: topic, partitionCount: 1, replicationFactor: 1)]),
                    version: 5
                )
                #expect(created.topics[0].errorCode == .topicAlreadyExists)
                let deleted: DeleteTopicsResponse = try await client.exchange(
                    DeleteTopicsRequest(names: [topic]),
                    version: 5
                )
                #expect(deleted.topics[0].errorCode == .invalidTopic)
            }
        }
    }

    @Test func aWaitingReaderGetsEachCommit() async throws {
        try await withIngestor(configure: { $0.topics = [events] }) { address in
            try await withConnection(to: address) { reader in
                try await withConnection(to: address) { client in
                    let waiting = try await reader.send(Batches.fetch(from: 0, of: topic, wait: 30_000), version: 11)
                    let request = OffsetCommitRequest(
                        groupID: "sink",
                        topics: [.init(name: "events", partitions: [.init(partition: 0, offset: 7)])]
                    )
                    let done: OffsetCommitResponse = try await client.exchange(request, version: 8)
                    #expect(done.topics[0].partitions[0].errorCode == .none)
                    let fetched: FetchResponse = try await reader.receive(version: 11, to: waiting)
                    #expect(fetched.only.highWatermark == 1)
                    #expect(try fetched.only.values.count == 1)
                }
            }
        }
    }

    /// What waits behind a fetch on its connection commits in the group whose commit wakes it.
    @Test func aReaderThatIsWokenByACommitMayCommit() async throws {
        try await withIngestor(configure: { $0.topics = [events] }) { address in
            let request = OffsetCommitRequest(
                groupID: "sink",
                topics: [.init(name: "events", partitions: [.init(partition: 0, offset: 7)])]
            )
            try await withConnection(to: address) { client in
                for round in 0..<8 {
                    // Some of these are served by the event loop of the client.
                    try await withConnection(to: address) { reader in
                        let fetch = Batches.fetch(from: Int64(2 * round), of: topic, wait: 30_000)
                        let waiting = try await reader.sendAndSeeItWait(fetch, version: 11)
                        let behind = try await reader.send(request, version: 8)
                        let done: OffsetCommitResponse = try await client.exchange(request, version: 8)
                        #expect(done.topics[0].partitions[0].errorCode == .none)
                        let fetched: FetchResponse = try await reader.receive(version: 11, to: waiting)
                        #expect(fetched.only.errorCode == .none)
                        let second: OffsetCommitResponse = try await reader.receive(version: 8, to: behind)
                        #expect(second.topics[0].partitions[0].errorCode == .none)
                    }
                }
            }
        }
    }

    @Test func aCommitThatIsTooLargeIsRefused() async throws {
        let topic = TopicSpecification(name: "events", partitionCount: 300)
        try await withIngestor(configure: { $0.topics = [topic] }) { address in
            try await withConnection(to: address) { client in
                let note = String(repeating: "x", count: 4_000)
                let request = OffsetCommitRequest(
                    groupID: "sink",
                    topics: [
                        .init(
                            name: "events",
                            partitions: (0..<300).map { .init(partition: $0, offset: 7, metadata: note) }
                        )
                    ]
                )
                let done: OffsetCommitResponse = try await client.exchange(request, version: 8)
                #expect(done.topics[0].partitions.allSatisfy { $0.errorCode == .invalidCommitOffsetSize })
            }
        }
    }
}
