import Audit
import KafkaClient
import KafkaTopics
import Logging
import PipelineTesting
import Testing

@Suite(.timeLimit(.minutes(15))) struct TopicReaderTests {
    private let partition = TopicPartition(topic: "dlq", partition: 0)

    /// Treating silence as the end would count existing records as missing.
    @Test func silenceIsNotTheEnd() async throws {
        let client = ClientConfiguration(bootstrap: ["127.0.0.1:1"], whenUnreachable: .keepTrying)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let reader = TopicReader(client: client, silenceMax: .zero, logger: logger)
        let error = await #expect(throws: KafkaClientError.self) {
            try await reader.read([partition: 3..<9]) { _, _ in }
        }
        #expect(error?.code == .timedOut)
        #expect(error?.message.contains("dlq-0 from offset 3") == true)
    }

    @Test func cancellationWhileReadingIsNotSilence() async throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let cluster = try MockCluster()
        try cluster.create(partition.topic)
        try await withProducer(ProducerConfiguration(bootstrap: cluster.bootstrap), logger: logger) { producer in
            _ = try await producer.send(KafkaRecord(topic: partition.topic, value: [1]))
        }
        let client = ClientConfiguration(bootstrap: cluster.bootstrap)
        let reader = TopicReader(client: client, silenceMax: .seconds(300), logger: logger)
        let reading = Task { [partition] in
            try await reader.read([partition: 0..<2]) { _, _ in withUnsafeCurrentTask { $0?.cancel() } }
        }
        await #expect(throws: CancellationError.self) { try await reading.value }
    }

    @Test func cancellationBeforeReadingIsNotSilence() async throws {
        let client = ClientConfiguration(bootstrap: ["127.0.0.1:1"], whenUnreachable: .keepTrying)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let reader = TopicReader(client: client, silenceMax: .seconds(300), logger: logger)
        let reading = Task { [partition] in try await reader.read([partition: 3..<9]) { _, _ in } }
        reading.cancel()
        await #expect(throws: CancellationError.self) { try await reading.value }
    }

    @Test func rangesAreDoneWhenTheyArePassed() {
        let other = TopicPartition(topic: "dlq", partition: 1)
        var open = OpenRanges([partition: 3..<9, other: 5..<5])
        #expect(open.starts == [partition: 3])
        #expect(open.contains(partition, 3) && !open.contains(partition, 9) && !open.contains(other, 5))
        open.passed(partition, upTo: 2)
        #expect(open.contains(partition, 3))
        open.passed(partition, upTo: 7)
        #expect(!open.contains(partition, 6) && open.contains(partition, 7))
        #expect(open.silence(for: .seconds(1)).message.contains("dlq-0 from offset 7"))
        open.passed(other, upTo: 100)
        #expect(!open.isDone)
        open.passed(partition, upTo: 12)
        #expect(open.isDone)
    }
}
