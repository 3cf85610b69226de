import Audit
import HDFSSink
import KafkaClient
import KafkaTopics
import Logging
import PipelineTesting
import Storage
import Testing

/// The audit of a topic of a mock cluster and of the files that the commit protocol made of its records.
@Suite(.timeLimit(.minutes(5))) struct AuditorTests {
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    private static let topic = FiledZone.partition.topic
    private let cluster: MockCluster

    init() async throws {
        cluster = try MockCluster()
        try cluster.create(Self.topic)
        try await withProducer(ProducerConfiguration(bootstrap: cluster.bootstrap), logger: logger) { producer in
            var batch = OutgoingBatch(topic: Self.topic)
            for offset in Int64(0)..<6 {
                batch.append(key: "HE_\(offset)".utf8, value: FiledZone.line(offset).utf8, partition: 0)
            }
            let report = try await producer.send(batch)
            #expect(report.isComplete)
        }
    }

    private func audit(_ zone: FiledZone) async throws -> AuditReport {
        let client = ClientConfiguration(bootstrap: cluster.bootstrap)
        var configuration = AuditConfiguration(
            client: client,
            storage: zone.storage,
            connector: FiledZone.connector,
            deadLetterTopic: "dlq_\(FiledZone.connector)"
        )
        configuration.topicsDirectory = FiledZone.topics
        configuration.logsDirectory = FiledZone.logs
        return try await Auditor(configuration, logger: logger).run()
    }

    @Test func whatIsFiledOrInFlightHolds() async throws {
        var zone = try await FiledZone()
        try await zone.file(0..<3)
        try await zone.file(3..<5)
        let report = try await audit(zone)
        #expect(report.holds, "\(report.text)")
        #expect(report.partitions.map(\.produced) == [6])
        #expect(report.partitions.map(\.filed) == [5])
        #expect(report.partitions.map(\.inFlight) == [1])
    }

    @Test func removedLineIsNamedByItsOffset() async throws {
        var zone = try await FiledZone()
        try await zone.file(0..<3)
        let path = try StoragePath(await zone.file(3..<6).final)
        _ = try await zone.storage.delete(path)
        let left = FiledZone.line(3) + "\n" + FiledZone.line(5) + "\n"
        try await zone.storage.write(Array(left.utf8), to: path)
        let report = try await audit(zone)
        #expect(report.troubles.count == 1, "\(report.text)")
        let trouble = try #require(report.troubles.first)
        #expect(trouble.kind == .linesMissing)
        #expect(trouble.path == path.string)
        #expect(trouble.firstOffset == 4 && trouble.lastOffset == 4)
        #expect(trouble.user == "HE_4")
    }

    @Test func onlyTheRangeIsRead() async throws {
        let reader = TopicReader(client: ClientConfiguration(bootstrap: cluster.bootstrap), logger: logger)
        var offsets: [Int64] = []
        try await reader.read([FiledZone.partition: 1..<4]) { _, record in offsets.append(record.offset) }
        #expect(offsets == [1, 2, 3])
    }
}
