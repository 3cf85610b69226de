import CommitLog
import Ingestor
import KafkaProtocol
import NIOCore
import PipelineTesting
import Testing

@Suite(.timeLimit(.minutes(15))) struct CompactedTopicTests {
    private static let topic = TopicSpecification(
        name: "events",
        partitionCount: 1,
        settings: ["cleanup.policy": "compact", "segment.bytes": "64", "min.cleanable.dirty.ratio": "0"]
    )

    private static func batch(_ records: [(key: String?, value: String?)]) -> ByteBuffer {
        var builder = RecordBatchBuilder()
        for record in records { builder.append(key: record.key, value: record.value, timestamp: 1_000) }
        return builder.build()
    }

    @Test func onlyTheNewestRecordsAreServed() async throws {
        try await withIngestor(configure: {
            $0.topics = [Self.topic]
            $0.maintenanceInterval = .milliseconds(5)
            $0.limits.cleaningRunsPerSecond = 200
        }) { address in
            try await withConnection(to: address) { client in
                for number in 0..<10 {
                    let batch = Self.batch([(key: "a", value: "\(number)"), (key: "b", value: "\(number)")])
                    let answer: ProduceResponse = try await client.exchange(Batches.produce(batch), version: 9)
                    #expect(answer.only.errorCode == .none)
                }
                var values: [String] = []
                // The active segment has the last batch; the one before is the newest that is cleaned.
                while values != ["8", "8", "9", "9"] {
                    values = []
                    var next: Int64 = 0
                    while next < 20 {
                        let answer: FetchResponse = try await client.exchange(Batches.fetch(from: next), version: 11)
                        #expect(answer.only.errorCode == .none)
                        values += try answer.only.values
                        next = try answer.only.end ?? next
                    }
                }
                let list: ListOffsetsResponse = try await client.exchange(
                    ListOffsetsRequest(
                        replicaID: -1,
                        topics: [.init(name: "events", partitions: [.init(partition: 0, timestamp: 1)])]
                    ),
                    version: 1
                )
                #expect(list.topics.first?.partitions.first?.offset == 16)
            }
        }
    }

    @Test func recordsWithoutAKeyAreNamed() async throws {
        try await withIngestor(configure: { $0.topics = [Self.topic] }) { address in
            try await withConnection(to: address) { client in
                let batch = Self.batch([(key: "a", value: "1"), (key: nil, value: "2"), (key: nil, value: "3")])
                let answer: ProduceResponse = try await client.exchange(Batches.produce(batch), version: 9)
                #expect(answer.only.errorCode == .invalidRecord)
                #expect(answer.only.recordErrors.map(\.batchIndex) == [1, 2])
                #expect(answer.only.errorMessage?.contains("key") == true)
                #expect(answer.only.baseOffset == -1)
            }
        }
    }

    @Test(arguments: [("compact", ErrorCode.policyViolation), ("compact,delete", .none), ("delete", .none)])
    func recordsAreDeletedOnlyWhereThePolicySaysSo(policy: String, code: ErrorCode) async throws {
        var topic = Self.topic
        topic.settings["cleanup.policy"] = policy
        try await withIngestor(configure: { [topic] in $0.topics = [topic] }) { address in
            try await withConnection(to: address) { client in
                let _: ProduceResponse = try await client.exchange(
                    Batches.produce(Self.batch([(key: "a", value: "1")])),
                    version: 9
                )
                let answer: DeleteRecordsResponse = try await client.exchange(
                    DeleteRecordsRequest(topics: [
                        .init(name: "events", partitions: [.init(partition: 0, offset: 1)])
                    ]),
                    version: 2
                )
                #expect(answer.topics.first?.partitions.map(\.errorCode) == [code])
                #expect(answer.topics.first?.partitions.map(\.lowWatermark) == [code == .none ? 1 : -1])
            }
        }
    }
}

extension FetchResponse.Partition {
    /// The offset after its last batch; `nil` where there is none.
    fileprivate var end: Int64? {
        get throws {
            guard case .bytes(var bytes) = records else { return nil }
            var end: Int64?
            while bytes.readableBytes > 0 {
                let header = try RecordBatchHeader(bytes)
                bytes.moveReaderIndex(forwardBy: header.totalByteCount)
                end = header.nextOffset
            }
            return end
        }
    }
}
