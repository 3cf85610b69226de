import CommitLog
import Ingestor
import KafkaProtocol
import NIOCore
import PipelineTesting
import Testing

/// Settings of a topic that change or refuse what producers send, as clients see them.
@Suite(.timeLimit(.minutes(15))) struct AppendSettingsTests {
    private static func create(_ settings: [String: String]) -> CreateTopicsRequest {
        var topic = CreateTopicsRequest.Topic(name: "events", partitionCount: 1, replicationFactor: 1)
        topic.configuration = settings.map { .init(name: $0.key, value: $0.value) }
        return CreateTopicsRequest(topics: [topic])
    }

    private func produce(
        _ client: inout WireClient,
        _ batch: ByteBuffer
    ) async throws -> ProduceResponse.Partition {
        let response: ProduceResponse = try await client.exchange(Batches.produce(batch), version: 9)
        return response.only
    }

    private func headers(_ client: inout WireClient) async throws -> [RecordBatchHeader] {
        let response: FetchResponse = try await client.exchange(Batches.fetch(from: 0), version: 12)
        guard case .bytes(var bytes) = response.only.records else { return [] }
        var headers: [RecordBatchHeader] = []
        while bytes.readableBytes > 0 {
            let header = try RecordBatchHeader(verifying: bytes.readableBytesSpan)
            headers.append(header)
            bytes.moveReaderIndex(forwardBy: header.totalByteCount)
        }
        return headers
    }

    private func alter(_ client: inout WireClient, _ name: String, _ value: String) async throws {
        let entry = IncrementalAlterConfigsRequest.Entry(
            name: name,
            operation: ConfigurationOperation.set.rawValue,
            value: value
        )
        let resource = IncrementalAlterConfigsRequest.Resource(
            type: ConfigurationResource.topic.rawValue,
            name: "events",
            entries: [entry]
        )
        let response: IncrementalAlterConfigsResponse = try await client.exchange(
            IncrementalAlterConfigsRequest(resources: [resource]),
            version: 1
        )
        #expect(response.resources.map(\.errorCode) == [.none])
    }

    @Test func theTimeOfTheAppendIsAnswered() async throws {
        try await withIngestor { address in
            try await withConnection(to: address) { client in
                let made: CreateTopicsResponse = try await client.exchange(
                    Self.create(["message.timestamp.type": "LogAppendTime", "compression.type": "lz4"]),
                    version: 5
                )
                #expect(made.topics.map(\.errorCode) == [.none])
                let batch = Batches.batch(["a", "b"], producerID: 4, epoch: 0, sequence: 0, timestamp: 7)
                let first = try await produce(&client, batch)
                #expect(first.errorCode == .none)
                #expect(first.logAppendMilliseconds > 1_700_000_000_000)
                let again = try await produce(&client, batch)
                #expect(again.baseOffset == first.baseOffset)
                #expect(again.logAppendMilliseconds == first.logAppendMilliseconds)
                try await alter(&client, "message.timestamp.type", "CreateTime")
                try await alter(&client, "compression.type", "producer")
                #expect(try await produce(&client, Batches.batch(["c"])).logAppendMilliseconds == -1)

                let headers = try await headers(&client)
                #expect(headers.map(\.attributes.timestampType) == [.logAppendTime, .createTime])
                #expect(headers.map(\.attributes.codec) == [.lz4, CompressionCodec.none])
                #expect(headers.map(\.maxTimestamp) == [first.logAppendMilliseconds, 1_000])
                let found: ListOffsetsResponse = try await client.exchange(
                    ListOffsetsRequest(
                        replicaID: -1,
                        topics: [
                            .init(name: "events", partitions: [.init(partition: 0, timestamp: 1_001)])
                        ]
                    ),
                    version: 5
                )
                #expect(found.topics[0].partitions[0].offset == 0)
                #expect(found.topics[0].partitions[0].timestamp == first.logAppendMilliseconds)
            }
        }
    }

    @Test func aRecordOfAnotherTimeIsNamed() async throws {
        try await withTemporaryDirectory { directory in
            try await withIngestor(in: directory) { address in
                try await withConnection(to: address) { client in
                    let made: CreateTopicsResponse = try await client.exchange(
                        Self.create(["message.timestamp.before.max.ms": "60000"]),
                        version: 5
                    )
                    #expect(made.topics.map(\.errorCode) == [.none])
                }
            }
            // The setting outlives a restart.
            try await withIngestor(in: directory) { address in
                try await withConnection(to: address) { client in
                    let refused = try await produce(&client, Batches.batch(["a"]))
                    #expect(refused.errorCode == .invalidTimestamp)
                    #expect(refused.recordErrors.map(\.batchIndex) == [0])
                    #expect(refused.errorMessage?.contains("message.timestamp.before.max.ms") == true)
                    #expect(refused.logAppendMilliseconds == -1)
                    try await alter(&client, "message.timestamp.before.max.ms", "\(Int64.max)")
                    #expect(try await produce(&client, Batches.batch(["a"])).errorCode == .none)
                }
            }
        }
    }
}
