import CommitLog
import Ingestor
import KafkaProtocol
import NIOCore
import Testing

@Suite(.timeLimit(.minutes(15))) struct ProduceAndFetchTests {
    @Test(arguments: [Int16(4), 5, 9, 11, 12])
    func recordsComeBackAsTheyWent(version: Int16) async throws {
        try await withIngestor(configure: { $0.topics = [events] }) { address in
            try await withConnection(to: address) { client in
                let first: ProduceResponse = try await client.exchange(
                    Batches.produce(Batches.batch(["a", "b"])),
                    version: 7
                )
                let second: ProduceResponse = try await client.exchange(
                    Batches.produce(Batches.batch(["c"]), acks: 1),
                    version: 7
                )
                #expect(first.only.baseOffset == 0)
                #expect(second.only.baseOffset == 2)
                let fetched: FetchResponse = try await client.exchange(Batches.fetch(from: 0), version: version)
                #expect(fetched.only.errorCode == .none)
                #expect(fetched.only.highWatermark == 3)
                #expect(try fetched.only.values == ["a", "b", "c"])
                let rest: FetchResponse = try await client.exchange(Batches.fetch(from: 2), version: version)
                #expect(try rest.only.values == ["c"])
            }
        }
    }

    @Test func largePartOfALogIsSentFromItsFile() async throws {
        try await withIngestor(configure: { $0.topics = [events] }) { address in
            try await withConnection(to: address) { client in
                let values = (0..<40).map { String(repeating: "\($0 % 10)", count: 20_000) }
                for value in values {
                    let _: ProduceResponse = try await client.exchange(
                        Batches.produce(Batches.batch([value])),
                        version: 7
                    )
                }
                let all: FetchResponse = try await client.exchange(Batches.fetch(from: 0), version: 11)
                #expect(try all.only.values == values)
                // As many whole batches as fit.
                let some: FetchResponse = try await client.exchange(
                    Batches.fetch(from: 10, partitionMaxBytes: 50_000),
                    version: 11
                )
                #expect(try some.only.values == Array(values[10..<12]))
                // The first comes whole even if it does not fit, or its reader could never go on.
                let one: FetchResponse = try await client.exchange(
                    Batches.fetch(from: 39, maxBytes: 1, partitionMaxBytes: 1),
                    version: 11
                )
                #expect(try one.only.values == [values[39]])
            }
        }
    }

    @Test func withoutAcknowledgementsThereIsNoAnswer() async throws {
        try await withIngestor(configure: { $0.topics = [events] }) { address in
            try await withConnection(to: address) { client in
                try await client.send(Batches.produce(Batches.batch(["a"]), acks: 0), version: 7)
                // The next answer on the connection is that to the next request.
                let fetched: FetchResponse = try await client.exchange(Batches.fetch(from: 0), version: 11)
                #expect(try fetched.only.values == ["a"])
                try await client.send(Batches.produce(Batches.batch(["a"]), to: "nowhere", acks: 0), version: 7)
                try await client.expectClosed()
            }
        }
    }

    /// Each way to be refused, and what is said.
    static let refusals: [(ProduceRequest, ErrorCode)] = [
        (Batches.produce(Batches.batch(["a"]), to: "nowhere"), .unknownTopicOrPartition),
        (Batches.produce(Batches.batch(["a"]), partition: 7), .unknownTopicOrPartition),
        (Batches.produce(Batches.batch(["a"]), partition: -1), .unknownTopicOrPartition),
        (Batches.produce(Batches.batch(["a"]), acks: 2), .invalidRequiredAcks),
        (Batches.produce(ByteBuffer()), .invalidRecord),
        (Batches.produce(Batches.batch([String(repeating: "x", count: 2_000)])), .messageTooLarge),
    ]

    @Test(arguments: refusals.indices)
    func refusalSaysWhy(index: Int) async throws {
        var small = events
        small.settings["max.message.bytes"] = "1000"
        let topic = small
        try await withIngestor(configure: {
            $0.topics = [topic]
            $0.createsTopicsOnFirstUse = false
        }) { address in
            try await withConnection(to: address) { client in
                let response: ProduceResponse = try await client.exchange(Self.refusals[index].0, version: 9)
                #expect(response.only.errorCode == Self.refusals[index].1)
                #expect(response.only.baseOffset == -1)
            }
        }
    }

    @Test func transactionalProducerIsRefused() async throws {
        try await withIngestor(configure: { $0.topics = [events] }) { address in
            try await withConnection(to: address) { client in
                let id: InitProducerIDResponse = try await client.exchange(
                    InitProducerIDRequest(transactionalID: "mine"),
                    version: 4
                )
                #expect(id.errorCode == .transactionalIDAuthorizationFailed)
            }
        }
    }

    @Test func duplicateIsAcknowledgedOnceAndAGapIsRefused() async throws {
        try await withIngestor(configure: { $0.topics = [events] }) { address in
            try await withConnection(to: address) { client in
                let id: InitProducerIDResponse = try await client.exchange(
                    InitProducerIDRequest(transactionalID: nil),
                    version: 4
                )
                func send(_ values: [String], at sequence: Int32) async throws -> ProduceResponse.Partition {
                    let batch = Batches.batch(
                        values,
                        producerID: id.producerID,
                        epoch: id.producerEpoch,
                        sequence: sequence
                    )
                    let response: ProduceResponse = try await client.exchange(Batches.produce(batch), version: 9)
                    return response.only
                }
                #expect(try await send(["a", "b"], at: 0).baseOffset == 0)
                #expect(try await send(["c"], at: 2).baseOffset == 2)
                let again = try await send(["c"], at: 2)
                #expect(again.errorCode == .none)
                #expect(again.baseOffset == 2)
                #expect(try await send(["e"], at: 4).errorCode == .outOfOrderSequence)
                #expect(try await send(["d"], at: 3).baseOffset == 3)
                let fetched: FetchResponse = try await client.exchange(Batches.fetch(from: 0), version: 11)
                #expect(try fetched.only.values == ["a", "b", "c", "d"])
            }
        }
    }

    @Test func batchIsOnDiskBeforeItIsAcknowledgedWhereThatIsAsked() async throws {
        try await withIngestor(configure: {
            $0.topics = [events]
            $0.log.flushPolicy = .always
        }) { address in
            try await withConnection(to: address) { client in
                // Several at once: the answers come in order though each waits for the disk.
                var ids: [Int32] = []
                for value in 0..<20 {
                    ids.append(try await client.send(Batches.produce(Batches.batch(["\(value)"])), version: 7))
                }
                for (index, id) in ids.enumerated() {
                    let response: ProduceResponse = try await client.receive(version: 7, to: id)
                    #expect(response.only.baseOffset == Int64(index))
                }
            }
        }
    }
}
