import CommitLog
import Ingestor
import KafkaProtocol
import NIOCore
import PipelineTesting
import Testing

@Suite(.timeLimit(.minutes(15))) struct CompressedProduceTests {
    private static func batch(_ values: [String], compressedRecords: [UInt8]? = nil, _ compression: Compression)
        -> ByteBuffer
    {
        var builder = RecordBatchBuilder()
        for value in values { builder.append(key: "key", value: value, timestamp: 1_000) }
        let records = Array(builder.build().readableBytesView.dropFirst(RecordBatchHeader.byteCount))
        let codec = CompressionCodec(rawValue: compression.codecNumber) ?? .none
        return builder.build(
            records: ByteBuffer(bytes: compressedRecords ?? compression.compress(records)),
            codec: codec
        )
    }

    @Test(arguments: Compression.allCases)
    func rightBatchesAreTakenAndWrongOnesRefused(compression: Compression) async throws {
        try await withIngestor(configure: { $0.topics = [events] }) { address in
            try await withConnection(to: address) { client in
                let good = Self.batch(["a", "b"], compression)
                let bomb = Self.batch([String(repeating: "x", count: 40_000_000)], compression)
                let answers: [(ByteBuffer, ErrorCode)] = [
                    (good, .none),
                    (Self.batch(["a"], compressedRecords: [1, 2, 3], compression), .invalidRecord),
                    (Self.batch(["a"], compressedRecords: compression.compress([]), compression), .invalidRecord),
                    (bomb, .messageTooLarge), (good, .none),
                ]
                for (batch, code) in answers {
                    let answer: ProduceResponse = try await client.exchange(Batches.produce(batch), version: 7)
                    #expect(answer.only.errorCode == code)
                }
                let fetched: FetchResponse = try await client.exchange(Batches.fetch(from: 0), version: 11)
                #expect(fetched.only.highWatermark == 4)
            }
        }
    }

    /// The answers come in the order of the request, whether a batch is compressed or not, taken or not.
    @Test func batchesOfOneRequestAreAnsweredEach() async throws {
        let topics = [
            TopicSpecification(name: "a", partitionCount: 2), TopicSpecification(name: "b", partitionCount: 1),
        ]
        try await withIngestor(configure: { $0.topics = topics }) { address in
            try await withConnection(to: address) { client in
                let good = Self.batch(["a"], .zstd)
                let bad = Self.batch(["a"], compressedRecords: [0], .gzip)
                let request = ProduceRequest(
                    transactionalID: nil,
                    acks: -1,
                    timeoutMilliseconds: 1_000,
                    topics: [
                        .init(
                            name: "a",
                            partitions: [.init(partition: 0, records: good), .init(partition: 1, records: bad)]
                        ),
                        .init(name: "none", partitions: []),
                        .init(name: "b", partitions: [.init(partition: 0, records: Batches.batch(["b"]))]),
                        .init(name: "b", partitions: [.init(partition: 0, records: good)]),
                    ]
                )
                let answer: ProduceResponse = try await client.exchange(request, version: 7)
                #expect(answer.topics.map(\.name) == ["a", "none", "b", "b"])
                #expect(
                    answer.topics.map { $0.partitions.map(\.errorCode) } == [
                        [.none, .invalidRecord], [], [.none], [.none],
                    ]
                )
                #expect(answer.topics[3].partitions[0].baseOffset == 1)
            }
        }
    }
}
