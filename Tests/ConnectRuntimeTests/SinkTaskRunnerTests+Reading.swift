import CRdKafka
import ConnectAPI
import ConnectRuntime
import KafkaTopics
import PipelineTesting
import Testing

// What stands at the offsets of a partition is not what the sink expects there.
extension SinkTaskRunnerTests {
    @Test func logThatHasAnotherRecordIsNotFiled() async throws {
        let cluster = try MockCluster()
        try await fill(cluster, 0..<200)
        let store = RecordingStore()
        let first = TopicPartition(topic: Self.topic, partition: 0)
        let second = TopicPartition(topic: Self.topic, partition: 1)
        let known = try await fingerprint(of: second, at: 49, in: cluster, logger: logger)
        store.change { contents in
            contents.next = [first: 50, second: 50]
            contents.fingerprints = [
                first: RecordFingerprint(offset: 49, timestamp: 1, checksum: "00000000"),
                second: known,
            ]
        }
        try await run(cluster, store, settings: Self.tolerant) { runner in
            await store.wait { $0.next[second] == 100 }
            await store.wait { $0.closings.contains(.abandoned) }
            let failed = runner.status.partitions.first { $0.state == .failed }
            #expect(failed?.partition == 0)
            for words in ["offset 49", "00000000", "hera repair accept \(first)"] {
                #expect(failed?.reason?.contains(words) == true, "\(failed?.reason ?? "")")
            }
        }
        #expect(store.contents.records[first] == nil)
        #expect(store.contents.records[second]?.keys.min() ?? 0 >= 50)
    }

    @Test func batchThatCannotBeReadStopsItsPartitionAndIsNotPassedOver() async throws {
        let cluster = try MockCluster()
        try await fill(cluster, 0..<200)
        let store = RecordingStore()
        cluster.fail(.fetch, with: [RD_KAFKA_RESP_ERR_INVALID_MSG])
        let settings = ["errors.retry.delay.max.ms": "20"].merging(Self.tolerant) { $1 }
        try await run(cluster, store, settings: settings) { _ in
            await store.wait { $0.next.values.reduce(0, +) == 200 }
        }
        let contents = store.contents
        #expect(contents.repeated.isEmpty)
        #expect(contents.count == 200 - 20 - 2)
        #expect(contents.openings > 1, "no batch was unreadable")
        #expect(contents.closings.contains(.handedOver))
    }
}
