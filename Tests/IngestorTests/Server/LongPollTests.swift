import Ingestor
import KafkaProtocol
import NIOCore
import Testing

/// Fetches that wait.
@Suite(.timeLimit(.minutes(15))) struct LongPollTests {
    @Test func appendWakesAWaitingFetch() async throws {
        try await withIngestor(configure: { $0.topics = [events] }) { address in
            try await withConnection(to: address) { consumer in
                let id = try await consumer.sendAndSeeItWait(Batches.fetch(from: 0, wait: 50_000), version: 11)
                try await withConnection(to: address) { producer in
                    let _: ProduceResponse = try await producer.exchange(
                        Batches.produce(Batches.batch(["a"])),
                        version: 7
                    )
                }
                let fetched: FetchResponse = try await consumer.receive(version: 11, to: id)
                #expect(try fetched.only.values == ["a"])
            }
        }
    }

    @Test func fetchWaitsForAsManyBytesAsItWants() async throws {
        try await withIngestor(configure: { $0.topics = [events] }) { address in
            try await withConnection(to: address) { consumer in
                let batch = Batches.batch(["a"])
                let wanted = Int32(batch.readableBytes * 3)
                let id = try await consumer.sendAndSeeItWait(
                    Batches.fetch(from: 0, minBytes: wanted, wait: 50_000),
                    version: 11
                )
                try await withConnection(to: address) { producer in
                    for _ in 0..<3 {
                        let _: ProduceResponse = try await producer.exchange(Batches.produce(batch), version: 7)
                    }
                }
                let fetched: FetchResponse = try await consumer.receive(version: 11, to: id)
                #expect(try fetched.only.values == ["a", "a", "a"])
            }
        }
    }

    @Test func fetchWithoutNewsIsAnsweredWhenItsTimeIsOver() async throws {
        try await withIngestor(configure: { $0.topics = [events] }) { address in
            try await withConnection(to: address) { client in
                let start = ContinuousClock.now
                let fetched: FetchResponse = try await client.exchange(
                    Batches.fetch(from: 0, wait: 50),
                    version: 11
                )
                #expect(ContinuousClock.now - start >= .milliseconds(50))
                #expect(fetched.only.errorCode == .none)
                #expect(try fetched.only.values == [])
            }
        }
    }

    @Test func requestsBehindAWaitingFetchAreAnsweredInOrder() async throws {
        try await withIngestor(configure: { $0.topics = [events] }) { address in
            try await withConnection(to: address) { client in
                let fetch = try await client.send(Batches.fetch(from: 0, wait: 50), version: 11)
                let metadata = try await client.send(MetadataRequest(), version: 9)
                let versions = try await client.send(ApiVersionsRequest(), version: 3)
                let _: FetchResponse = try await client.receive(version: 11, to: fetch)
                let _: MetadataResponse = try await client.receive(version: 9, to: metadata)
                let _: ApiVersionsResponse = try await client.receive(version: 3, to: versions)
            }
        }
    }

    @Test func deletingATopicAnswersWhoWaitsForIt() async throws {
        try await withIngestor(configure: { $0.topics = [events] }) { address in
            try await withConnection(to: address) { consumer in
                let id = try await consumer.sendAndSeeItWait(Batches.fetch(from: 0, wait: 50_000), version: 11)
                try await withConnection(to: address) { admin in
                    let deleted: DeleteTopicsResponse = try await admin.exchange(
                        DeleteTopicsRequest(names: ["events"]),
                        version: 5
                    )
                    #expect(deleted.topics[0].errorCode == .none)
                }
                let fetched: FetchResponse = try await consumer.receive(version: 11, to: id)
                #expect(fetched.only.errorCode == .unknownTopicOrPartition)
            }
        }
    }

    @Test func stoppingAnswersWhoWaits() async throws {
        let (waits, waitsContinuation) = AsyncStream.makeStream(of: Void.self)
        let answered = try await withIngestor(configure: { $0.topics = [events] }) { address in
            let answered = Task {
                try await withConnection(to: address) { client in
                    let id = try await client.sendAndSeeItWait(Batches.fetch(from: 0, wait: 50_000), version: 11)
                    waitsContinuation.finish()
                    let fetched: FetchResponse = try await client.receive(version: 11, to: id)
                    try await client.expectClosed()
                    return fetched.only.errorCode
                }
            }
            for await _ in waits {}
            return answered  // The ingestor stops now, while the fetch waits.
        }
        #expect(try await answered.value == .none)
    }

    /// What cannot be read, and the error for it.
    static let errors: [(FetchRequest, ErrorCode)] = {
        var epoch = Batches.fetch(from: 0)
        epoch.topics[0].partitions[0].currentLeaderEpoch = 9
        return [
            (Batches.fetch(from: 5, wait: 1_000), .offsetOutOfRange),
            (Batches.fetch(from: -3, wait: 1_000), .offsetOutOfRange),
            (Batches.fetch(from: 0, of: "nowhere", wait: 1_000), .unknownTopicOrPartition),
            (Batches.fetch(from: 0, partition: 1, wait: 1_000), .unknownTopicOrPartition),
            (epoch, .unknownLeaderEpoch),
        ]
    }()

    @Test(arguments: errors.indices)
    func errorIsToldAtOnce(index: Int) async throws {
        try await withIngestor(configure: { $0.topics = [events] }) { address in
            try await withConnection(to: address) { client in
                let fetched: FetchResponse = try await client.exchange(Self.errors[index].0, version: 11)
                #expect(fetched.only.errorCode == Self.errors[index].1)
            }
        }
    }
}
