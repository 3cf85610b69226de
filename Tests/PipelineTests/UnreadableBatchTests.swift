import Audit
import KafkaClient
import KafkaTopics
import Logging
import PipelineTesting
import Testing

/// Reading ends at a batch that no client can read, and does not wait for silence.
@Suite(.timeLimit(.minutes(15))) struct UnreadableBatchTests {
    private let partition = TopicPartition(topic: "utenti", partition: 0)
    private let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test func aBatchThatCannotBeReadEndsTheReading() async throws {
        let cluster = try MockCluster()
        try cluster.create(partition.topic)
        let port = try #require(cluster.bootstrap.first?.split(separator: ":").last.flatMap { UInt16($0) })
        try UncheckedProduce.send(UncheckedProduce.unreadableBatch(count: 3), to: partition.topic, 0, port: port)
        let client = ClientConfiguration(bootstrap: cluster.bootstrap)
        let reader = TopicReader(client: client, silenceMax: .seconds(3_600), logger: quiet)
        let error = await #expect(throws: KafkaClientError.self) {
            try await reader.read([partition: 0..<3]) { _, _ in Issue.record("a record was read") }
        }
        #expect(error?.code == .unreadable)
        #expect(error?.topicPartition == partition)
    }
}
