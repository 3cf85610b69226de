import CommitLog
import Foundation
import Ingestor
import KafkaProtocol
import NIOCore
import PipelineTesting
import SystemPackage
import Testing

@Suite(.timeLimit(.minutes(15))) struct OffsetRequestTests {
    private func commit(_ offset: Int64, topic: String = "events", note: String = "") -> OffsetCommitRequest {
        OffsetCommitRequest(
            groupID: "sink",
            topics: [.init(name: topic, partitions: [.init(partition: 0, offset: offset, metadata: note)])]
        )
    }

    private let everything = OffsetFetchRequest(groups: [.init(groupID: "sink")])

    @Test(arguments: [FlushPolicy.os, .always])
    func committedOffsetsSurviveARestart(policy: FlushPolicy) async throws {
        try await withTemporaryDirectory { directory in
            try await withIngestor(
                in: directory,
                configure: {
                    $0.topics = [events]
                    $0.log.flushPolicy = policy
                }
            ) { address in
                try await withConnection(to: address) { client in
                    let done: OffsetCommitResponse = try await client.exchange(commit(7, note: "n"), version: 8)
                    #expect(done.topics[0].partitions[0].errorCode == .none)
                }
            }
            try await withIngestor(in: directory) { address in
                try await withConnection(to: address) { client in
                    let fetched: OffsetFetchResponse = try await client.exchange(everything, version: 7)
                    let partition = try #require(fetched.groups[0].topics.first?.partitions.first)
                    #expect(partition.offset == 7)
                    #expect(partition.metadata == "n")
                }
            }
        }
    }

    @Test func commitThatCannotBeIsRefused() async throws {
        try await withIngestor(configure: { $0.topics = [events] }) { address in
            try await withConnection(to: address) { client in
                func error(_ request: OffsetCommitRequest) async throws -> ErrorCode {
                    let response: OffsetCommitResponse = try await client.exchange(request, version: 8)
                    return response.topics[0].partitions[0].errorCode
                }
                #expect(try await error(commit(1, topic: "nowhere")) == .unknownTopicOrPartition)
                let note = String(repeating: "x", count: 5_000)
                #expect(try await error(commit(1, note: note)) == .offsetMetadataTooLarge)
                var old = commit(1)
                old.generationID = 3
                old.memberID = "gone"
                #expect(try await error(old) == .illegalGeneration)
                var nameless = commit(1)
                nameless.groupID = ""
                #expect(try await error(nameless) == .invalidGroupID)
                let fetched: OffsetFetchResponse = try await client.exchange(everything, version: 8)
                #expect(fetched.groups[0].topics.isEmpty)
            }
        }
    }

    @Test func partitionThatIsNamedTwiceIsAnsweredForEach() async throws {
        try await withIngestor(configure: { $0.topics = [events] }) { address in
            try await withConnection(to: address) { client in
                var request = commit(1)
                let note = String(repeating: "x", count: 5_000)
                request.topics[0].partitions.append(.init(partition: 0, offset: 2, metadata: note))
                let response: OffsetCommitResponse = try await client.exchange(request, version: 8)
                #expect(response.topics[0].partitions.map(\.errorCode) == [.none, .offsetMetadataTooLarge])
            }
        }
    }

    @Test func deletedTopicTakesItsOffsetsAlong() async throws {
        try await withIngestor(configure: { $0.topics = [events] }) { address in
            try await withConnection(to: address) { client in
                let _: OffsetCommitResponse = try await client.exchange(commit(7), version: 8)
                let _: DeleteTopicsResponse = try await client.exchange(
                    DeleteTopicsRequest(names: ["events"]),
                    version: 5
                )
                let fetched: OffsetFetchResponse = try await client.exchange(everything, version: 8)
                #expect(fetched.groups[0].topics.isEmpty)
            }
        }
    }

    /// A client that names topics commits where it was in the one that is gone; the next reader must not begin there.
    @Test func placeInADeletedTopicIsNotCommittedToItsSuccessor() async throws {
        try await withIngestor(configure: { $0.topics = [events] }) { address in
            try await withConnection(to: address) { client in
                let _: DeleteTopicsResponse = try await client.exchange(
                    DeleteTopicsRequest(names: ["events"]),
                    version: 5
                )
                let _: CreateTopicsResponse = try await client.exchange(
                    CreateTopicsRequest(topics: [.init(name: "events", partitionCount: 1)]),
                    version: 5
                )
                for (epoch, expected) in [(Int32(0), ErrorCode.unknownTopicOrPartition), (1, .none), (-1, .none)] {
                    var request = commit(7)
                    request.topics[0].partitions[0].leaderEpoch = epoch
                    let response: OffsetCommitResponse = try await client.exchange(request, version: 8)
                    #expect(response.topics[0].partitions[0].errorCode == expected, "epoch \(epoch)")
                }
            }
        }
    }

    @Test func offsetThatWasNotCommittedIsMinusOne() async throws {
        try await withIngestor(configure: { $0.topics = [events] }) { address in
            try await withConnection(to: address) { client in
                let request = OffsetFetchRequest(groups: [
                    .init(groupID: "new", topics: [.init(name: "events", partitions: [0])])
                ])
                let fetched: OffsetFetchResponse = try await client.exchange(request, version: 9)
                #expect(fetched.groups[0].topics[0].partitions[0].offset == -1)
                #expect(fetched.groups[0].topics[0].partitions[0].errorCode == .none)
            }
        }
    }

    /// A question by time, and the offset and time that answer it: there are records at 100, 101, 102 and 90.
    static let questions: [(Int64, Int64, Int64)] = [
        (OffsetTimestamp.earliest, 0, -1), (OffsetTimestamp.latest, 4, -1), (OffsetTimestamp.maximum, 2, 102),
        (OffsetTimestamp.earliestLocal, 0, -1), (OffsetTimestamp.latestTiered, -1, -1), (0, 0, 100), (101, 1, 101),
        (103, -1, -1),
    ]

    @Test(arguments: questions.indices)
    func offsetsAreFoundByTime(index: Int) async throws {
        let (timestamp, offset, time) = Self.questions[index]
        try await withIngestor(configure: { $0.topics = [events] }) { address in
            try await withConnection(to: address) { client in
                for batch in [Batches.batch(["a", "b", "c"], timestamp: 100), Batches.batch(["d"], timestamp: 90)] {
                    let _: ProduceResponse = try await client.exchange(Batches.produce(batch), version: 7)
                }
                let request = ListOffsetsRequest(
                    replicaID: -1,
                    topics: [.init(name: "events", partitions: [.init(partition: 0, timestamp: timestamp)])]
                )
                let response: ListOffsetsResponse = try await client.exchange(request, version: 9)
                #expect(response.topics[0].partitions[0].offset == offset)
                #expect(response.topics[0].partitions[0].timestamp == time)
            }
        }
    }

    @Test func questionOfALaterProtocolIsNotTakenForATime() async throws {
        try await withIngestor(configure: { $0.topics = [events] }) { address in
            try await withConnection(to: address) { client in
                let request = ListOffsetsRequest(
                    replicaID: -1,
                    topics: [.init(name: "events", partitions: [.init(partition: 0, timestamp: -6)])]
                )
                let response: ListOffsetsResponse = try await client.exchange(request, version: 9)
                #expect(response.topics[0].partitions[0].errorCode == .unsupportedVersion)
            }
        }
    }

    @Test func producerIDThatALogKnowsIsNotGivenAgainWhereTheFileIsLost() async throws {
        try await withTemporaryDirectory { directory in
            func nextID(_ client: inout WireClient) async throws -> Int64 {
                let request = InitProducerIDRequest(transactionalID: nil)
                let response: InitProducerIDResponse = try await client.exchange(request, version: 4)
                return response.producerID
            }
            let old = try await withIngestor(in: directory, configure: { $0.topics = [events] }) { address in
                try await withConnection(to: address) { client in
                    let id = try await nextID(&client)
                    let batch = Batches.batch(["old"], producerID: id, epoch: 0, sequence: 0)
                    let _: ProduceResponse = try await client.exchange(Batches.produce(batch), version: 7)
                    return id
                }
            }
            let file = directory.appending("ingestor").appending("producer-ids").string
            try FileManager.default.removeItem(atPath: file)
            try await withIngestor(in: directory) { address in
                try await withConnection(to: address) { client in
                    let id = try await nextID(&client)
                    #expect(id > old)
                    let batch = Batches.batch(["new"], producerID: id, epoch: 0, sequence: 0)
                    let produced: ProduceResponse = try await client.exchange(Batches.produce(batch), version: 7)
                    #expect(produced.only.baseOffset == 1, "it would be taken for the old one, sent twice")
                }
            }
        }
    }

    @Test func producerIDsDoNotRepeatOverARestart() async throws {
        try await withTemporaryDirectory { directory in
            var given: Set<Int64> = []
            for _ in 0..<2 {
                let ids = try await withIngestor(in: directory) { address in
                    try await withConnection(to: address) { client in
                        var ids: [Int64] = []
                        for _ in 0..<3 {
                            let response: InitProducerIDResponse = try await client.exchange(
                                InitProducerIDRequest(transactionalID: nil),
                                version: 4
                            )
                            ids.append(response.producerID)
                        }
                        return ids
                    }
                }
                for id in ids { #expect(given.insert(id).inserted) }
            }
        }
    }
}
