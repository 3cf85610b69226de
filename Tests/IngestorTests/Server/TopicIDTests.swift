import CommitLog
import Foundation
import Ingestor
import KafkaProtocol
import NIOCore
import PipelineTesting
import SystemPackage
import Testing

/// Requests that name topics by their ids (KIP-516), fetch sessions (KIP-227), pages of topics and leader epochs (KIP-320),
/// over the wire.
@Suite(.timeLimit(.minutes(15))) struct TopicIDTests {
    private let unknown = KafkaUUID(mostSignificant: 1, leastSignificant: 2)

    private func metadata(
        _ client: inout WireClient,
        _ topics: [MetadataRequest.Topic]?,
        version: Int16 = 13
    ) async throws -> MetadataResponse {
        var request = MetadataRequest(topics: nil, allowsAutoTopicCreation: false)
        request.topics = topics
        return try await client.exchange(request, version: version)
    }

    private func id(of name: String, _ client: inout WireClient) async throws -> KafkaUUID {
        try await metadata(&client, [.init(name: name)]).topics[0].id
    }

    private func fetch(_ id: KafkaUUID, from offset: Int64, session: Int32 = 0, epoch: Int32 = -1) -> FetchRequest {
        var request = Batches.fetch(from: offset)
        request.topics[0].name = ""
        request.topics[0].id = id
        (request.sessionID, request.sessionEpoch) = (session, epoch)
        return request
    }

    @Test func metadataIsAskedForByNameOrID() async throws {
        try await withIngestor(configure: { $0.topics = [events] }) { address in
            try await withConnection(to: address) { client in
                let id = try await id(of: "events", &client)
                #expect(id != .zero)
                let answer = try await metadata(
                    &client,
                    [.init(name: nil, id: id), .init(name: nil, id: unknown), .init(name: "nowhere")]
                )
                #expect(answer.topics.map(\.errorCode) == [.none, .unknownTopicID, .unknownTopicOrPartition])
                #expect(answer.topics.map(\.name) == ["events", nil, "nowhere"])
                #expect(answer.topics.map(\.id) == [id, unknown, .zero])
                let early = try await metadata(&client, [.init(name: "events", id: id)], version: 11)
                #expect(early.topics.map(\.errorCode) == [.invalidRequest])
            }
        }
    }

    @Test(arguments: [Int16(13), 15, 17])
    func recordsAreProducedAndFetchedByID(version: Int16) async throws {
        try await withIngestor(configure: { $0.topics = [events] }) { address in
            try await withConnection(to: address) { client in
                let id = try await id(of: "events", &client)
                var request = Batches.produce(Batches.batch(["a", "b"]))
                request.topics[0].id = id
                request.topics.append(.init(id: unknown, partitions: request.topics[0].partitions))
                let produced: ProduceResponse = try await client.exchange(request, version: 13)
                #expect(produced.topics.map(\.id) == [id, unknown])
                #expect(produced.topics.map { $0.partitions[0].errorCode } == [.none, .unknownTopicID])
                var wanted = fetch(id, from: 0)
                wanted.topics.append(.init(id: unknown, partitions: wanted.topics[0].partitions))
                let fetched: FetchResponse = try await client.exchange(wanted, version: version)
                #expect(try fetched.only.values == ["a", "b"])
                #expect(fetched.topics.map(\.id) == [id, unknown])
                #expect(fetched.topics[1].partitions[0].errorCode == .unknownTopicID)
            }
        }
    }

    @Test func offsetsAreCommittedAndFetchedByID() async throws {
        try await withIngestor(configure: { $0.topics = [events] }) { address in
            try await withConnection(to: address) { client in
                let id = try await id(of: "events", &client)
                let commit = OffsetCommitRequest(
                    groupID: "g",
                    topics: [id, unknown].map { .init(id: $0, partitions: [.init(partition: 0, offset: 4)]) }
                )
                let committed: OffsetCommitResponse = try await client.exchange(commit, version: 10)
                #expect(committed.topics.map(\.id) == [id, unknown])
                #expect(committed.topics.map { $0.partitions[0].errorCode } == [.none, .unknownTopicID])
                let asked = [id, unknown].map { OffsetFetchRequest.Topic(id: $0, partitions: [0]) }
                let fetched: OffsetFetchResponse = try await client.exchange(
                    OffsetFetchRequest(groups: [.init(groupID: "g", topics: asked), .init(groupID: "g2", topics: nil)]),
                    version: 10
                )
                #expect(fetched.groups[0].topics.map(\.id) == [id, unknown])
                #expect(fetched.groups[0].topics.map { $0.partitions[0].offset } == [4, -1])
                #expect(fetched.groups[0].topics.map { $0.partitions[0].errorCode } == [.none, .unknownTopicID])
                let all: OffsetFetchResponse = try await client.exchange(
                    OffsetFetchRequest(groups: [.init(groupID: "g", topics: nil)]),
                    version: 10
                )
                #expect(all.groups[0].topics.map(\.id) == [id])
            }
        }
    }

    @Test func aTopicThatIsMadeAgainIsAnotherOne() async throws {
        try await withIngestor(configure: { $0.topics = [events] }) { address in
            try await withConnection(to: address) { client in
                let before = try await id(of: "events", &client)
                let begun: FetchResponse = try await client.exchange(fetch(before, from: 0, epoch: 0), version: 17)
                #expect(begun.sessionID > 0)
                let _: DeleteTopicsResponse = try await client.exchange(
                    DeleteTopicsRequest(names: ["events"]),
                    version: 6
                )
                let _: CreateTopicsResponse = try await client.exchange(
                    CreateTopicsRequest(topics: [.init(name: "events", partitionCount: 1)]),
                    version: 7
                )
                let after = try await id(of: "events", &client)
                #expect(after != before)
                var goesOn = fetch(before, from: 0, session: begun.sessionID, epoch: 1)
                goesOn.topics = []
                let gone: FetchResponse = try await client.exchange(goesOn, version: 17)
                #expect(gone.errorCode == .none)
                #expect(gone.only.errorCode == .unknownTopicID)
                let found: FetchResponse = try await client.exchange(fetch(after, from: 0), version: 17)
                #expect(found.only.errorCode == .none)
            }
        }
    }

    @Test func aSessionIsAnsweredWhatIsNew() async throws {
        let two = TopicSpecification(name: "events", partitionCount: 2)
        try await withIngestor(configure: { $0.topics = [two] }) { address in
            try await withConnection(to: address) { client in
                var begins = Batches.fetch(from: 0)
                begins.topics[0].partitions.append(.init(partition: 1, fetchOffset: 0, maxByteCount: 1 << 20))
                begins.sessionEpoch = 0
                let whole: FetchResponse = try await client.exchange(begins, version: 11)
                #expect(whole.topics[0].partitions.map(\.partition) == [0, 1])
                var goesOn = Batches.fetch(from: 0, wait: 50_000)
                (goesOn.sessionID, goesOn.sessionEpoch, goesOn.topics) = (whole.sessionID, 1, [])
                let waiting = try await client.sendAndSeeItWait(goesOn, version: 11)
                try await withConnection(to: address) { producer in
                    // The session is busy: no second connection has its memory again.
                    let refused: FetchResponse = try await producer.exchange(
                        FetchRequest(replicaID: -1, sessionID: whole.sessionID, sessionEpoch: 2),
                        version: 11
                    )
                    #expect(refused.errorCode == .invalidFetchSessionEpoch)
                    let _: ProduceResponse = try await producer.exchange(
                        Batches.produce(Batches.batch(["a"]), partition: 1),
                        version: 7
                    )
                }
                let news: FetchResponse = try await client.receive(version: 11, to: waiting)
                #expect(news.sessionID == whole.sessionID)
                #expect(news.topics.flatMap { $0.partitions.map(\.partition) } == [1])
                #expect(try news.only.values == ["a"])
            }
        }
    }

    @Test func topicsAreDescribedAPageAtATime() async throws {
        let topics = [("a", Int32(3)), ("b", 2), ("c", 1)].map { TopicSpecification(name: $0.0, partitionCount: $0.1) }
        try await withIngestor(configure: { $0.topics = topics }) { address in
            try await withConnection(to: address) { client in
                var pages: [[String]] = []
                var cursor: DescribeTopicPartitionsRequest.Cursor?
                repeat {
                    let request = DescribeTopicPartitionsRequest(topics: [], partitionsMax: 2, cursor: cursor)
                    let page: DescribeTopicPartitionsResponse = try await client.exchange(request, version: 0)
                    pages.append(
                        page.topics.flatMap { topic in
                            topic.partitions.map { "\(topic.name ?? "")-\($0.partition)" }
                        }
                    )
                    cursor = page.nextCursor
                } while cursor != nil
                #expect(pages == [["__consumer_offsets-0", "a-0"], ["a-1", "a-2"], ["b-0", "b-1"], ["c-0"]])
                let named: DescribeTopicPartitionsResponse = try await client.exchange(
                    DescribeTopicPartitionsRequest(topics: ["nowhere", "b", "b"]),
                    version: 0
                )
                #expect(named.topics.map(\.name) == ["b", "nowhere"])
                #expect(named.topics.map(\.errorCode) == [.none, .unknownTopicOrPartition])
                #expect(named.topics[0].id != .zero)
            }
        }
    }

    @Test func anUncleanStartBeginsALeaderEpoch() async throws {
        try await withTemporaryDirectory { directory in
            try await withIngestor(in: directory, configure: { $0.topics = [events] }) { address in
                try await withConnection(to: address) { client in
                    let _: ProduceResponse = try await client.exchange(
                        Batches.produce(Batches.batch(["a", "b"])),
                        version: 7
                    )
                }
            }
            let partition = directory.appending("ingestor").appending("\(events.name)-0")
            try FileManager.default.removeItem(atPath: partition.appending("checkpoint.json").string)
            try await withIngestor(in: directory) { address in
                try await withConnection(to: address) { client in
                    let told = try await metadata(&client, [.init(name: "events")])
                    #expect(told.topics[0].partitions[0].leaderEpoch == 1)
                    var fetch = Batches.fetch(from: 2)
                    var outcomes: [ErrorCode] = []
                    for epoch in Int32(0)...2 {
                        fetch.topics[0].partitions[0].currentLeaderEpoch = epoch
                        let fetched: FetchResponse = try await client.exchange(fetch, version: 12)
                        outcomes.append(fetched.only.errorCode)
                    }
                    #expect(outcomes == [.fencedLeaderEpoch, .none, .unknownLeaderEpoch])
                    let asked = (Int32(-1)...2).map {
                        OffsetForLeaderEpochRequest.Partition(
                            partition: 0,
                            currentLeaderEpoch: 1,
                            leaderEpoch: $0
                        )
                    }
                    let ends: OffsetForLeaderEpochResponse = try await client.exchange(
                        OffsetForLeaderEpochRequest(topics: [.init(name: "events", partitions: asked)]),
                        version: 4
                    )
                    #expect(ends.topics[0].partitions.map(\.leaderEpoch) == [-1, 0, 1, -1])
                    #expect(ends.topics[0].partitions.map(\.endOffset) == [-1, 2, 2, -1])
                }
            }
        }
    }

    @Test func aReaderIsToldWhereItsLogParts() async throws {
        try await withIngestor(configure: { $0.topics = [events] }) { address in
            try await withConnection(to: address) { client in
                let _: ProduceResponse = try await client.exchange(
                    Batches.produce(Batches.batch(["a", "b"])),
                    version: 7
                )
                var fetch = Batches.fetch(from: 9)
                fetch.topics[0].partitions[0].lastFetchedEpoch = 0
                let parting: FetchResponse = try await client.exchange(fetch, version: 12)
                #expect(parting.only.divergingEpoch == .init(epoch: 0, endOffset: 2))
                #expect(parting.only.errorCode == .none)
                fetch.topics[0].partitions[0].lastFetchedEpoch = 3
                let unknown: FetchResponse = try await client.exchange(fetch, version: 12)
                #expect(unknown.only.errorCode == .offsetOutOfRange)
            }
        }
    }
}
