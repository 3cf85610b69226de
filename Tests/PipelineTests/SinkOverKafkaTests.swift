import ConnectAPI
import ConnectRuntime
import HDFSSink
import Ingestor
import KafkaClient
import KafkaTopics
import Logging
import NIOCore
import PipelineTesting
import Storage
import Synchronization
import SystemPackage
import Testing

@testable import Pipeline

/// The pipeline's sink on a Kafka that is not as the sink would have it.
@Suite(.timeLimit(.minutes(15))) struct SinkOverKafkaTests {
    private let folder = ScratchDirectory()
    private let partition = TopicPartition(topic: "comportamenti", partition: 0)
    private let log = AwaitedLog()
    private let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private var configuration: PipelineConfiguration {
        var configuration = PipelineConfiguration()
        configuration.data = folder.path.string
        configuration.ingestor.listen = "127.0.0.1:0"
        return configuration
    }

    private var storage: any FileSystem {
        LocalFileSystem(root: FilePath(PipelinePaths(data: folder.path.string).storage))
    }

    /// A runner of the pipeline's connector for one topic, with `changes` to the connector's settings.
    private func runnerConfiguration(
        _ bootstrap: [String],
        _ changes: [String: String],
        afterPut: @escaping InterruptedSink.AfterPut = { _ in }
    ) throws -> SinkTaskRunnerConfiguration {
        try SinkTaskRunnerConfiguration(
            configuration.connectorProperties.merging(["topics": partition.topic]) { $1 }.merging(changes) { $1 },
            connector: InterruptedSink(
                sink: HDFSSinkConnector(storage: storage, logger: log.logger),
                afterPut: afterPut
            ),
            plugins: .builtIn,
            bootstrap: bootstrap,
            now: WallClock.moment
        )
    }

    /// Sends events, one in each batch.
    private func send(_ numbers: Range<Int>, to bootstrap: [String]) async throws {
        try await withProducer(ProducerConfiguration(bootstrap: bootstrap), logger: quiet) { producer in
            for number in numbers {
                let value = Array(line(number).utf8)
                _ = try await producer.send(KafkaRecord(topic: partition.topic, partition: 0, value: value))
            }
        }
    }

    private var filedLines: [String] {
        get async throws {
            var lines: [String] = []
            for file in try await storage.files(under: StoragePath("HeraSDG/raw_data/\(partition.topic)")) {
                let text = String(decoding: try await storage.read(file.path, bytesMax: 1 << 20), as: UTF8.self)
                lines += text.split(separator: "\n").map(String.init)
            }
            return lines
        }
    }

    /// Other brokers store what they do not understand. What is before the batch is filed, the partition stands, and an
    /// operator's decision leads past it while the sink runs.
    @Test func batchThatCannotBeReadIsSteppedOverBesideTheSink() async throws {
        let cluster = try MockCluster()
        let bootstrap = cluster.bootstrap
        try cluster.create(partition.topic, partitions: 1)
        try await send(0..<5, to: bootstrap)
        let port = try #require(bootstrap.first?.split(separator: ":").last.flatMap { UInt16($0) })
        try UncheckedProduce.send(UncheckedProduce.unreadableBatch(count: 7), to: partition.topic, 0, port: port)
        try await send(5..<9, to: bootstrap)

        var runner = try runnerConfiguration(
            bootstrap,
            [
                "visible.within.ms": "100",
                // The mock cluster lets a new member in when this time has passed.
                "consumer.override.session.timeout.ms": "6000",
                // The partition is tried again soon after the decision, however often it failed before.
                "errors.retry.delay.max.ms": "1000",
            ]
        )
        // The mock cluster knows no configurations.
        runner.asksAboutTopics = false
        let target = try SinkTarget(
            configuration,
            client: ClientConfiguration(bootstrap: bootstrap),
            storage: storage
        )
        let repair = try Repair(target, logger: quiet)
        try await whileRunning(SinkTaskRunner(runner, logger: log.logger)) {
            await log.wait(for: "hera repair skip \(partition)")
            // A decision holds for what is filed when it is made.
            await log.wait(for: "filed ", "..<5 ", "\(partition)")
            let standing = try #require(try await repair.list().first)
            #expect(standing.cause == .unreadable && standing.offset == 5)
            #expect(standing.cure == "hera repair skip \(partition)")
            let outcome = try await repair.carryOut(try await repair.planToSkip(partition, to: nil))
            #expect(outcome.next == 12)
            await log.wait(for: "filed ", "..<16 ", "\(partition)")
        }
        #expect(try await filedLines.sorted() == (0..<9).map(line))
    }

    /// A quarter of a topic's retention is the longest that the sink holds a record: also of one that became shorter.
    @Test func shorterRetentionCountsWhileTheSinkRuns() async throws {
        // An address of its own: no connection of another test takes the port between two servers.
        let address = try await whileServing(at: "127.0.77.1:0", retentionMilliseconds: 86_400_000) { $0 }
        var runner = try runnerConfiguration([address], ["visible.within.ms": "86400000"])
        runner.asksAboutTopicsEvery = .milliseconds(200)
        try await whileRunning(SinkTaskRunner(runner, logger: log.logger)) {
            try await whileServing(at: address, retentionMilliseconds: 86_400_000) { address in
                await log.wait(for: "partitions taken over")
                try await send(0..<5, to: [address])
            }
            try await whileServing(at: address, retentionMilliseconds: 30_000) { _ in
                await log.wait(for: "filed ", "\(partition)", "sink.reason=retention")
            }
        }
        #expect(try await filedLines.count == 5)
    }

    // MARK: - A topic that is made again

    /// Between the last record that the sink was given and its commit.
    @Test func topicThatIsMadeAgainIsNotFiledInTheOldLineage() async throws {
        try await whileServing(at: "127.0.0.1:0", retentionMilliseconds: 86_400_000) { [self] address in
            let isMadeAgain = Atomic(false)
            let runner = try runnerConfiguration(
                [address],
                ["visible.within.ms": "1", "errors.retry.delay.max.ms": "100"]
            ) { next in
                guard next == 4, !isMadeAgain.exchange(true, ordering: .relaxed) else { return }
                do {
                    try await makeAgain(address)
                    // More than the sink has read: it would read on at its offset.
                    try await send(100..<108, to: [address])
                } catch {
                    Issue.record(error)
                }
            }
            try await whileRunning(SinkTaskRunner(runner, logger: log.logger)) {
                try await send(0..<3, to: [address])
                await log.wait(for: "filed ", "..<3 ")
                try await send(3..<4, to: [address])
                await log.wait(for: "hera repair accept \(partition)")
                // The fourth record cannot be told from one of the new topic.
                #expect(try await filedLines.sorted() == (0..<3).map(line))
                let target = try SinkTarget(
                    configuration,
                    client: ClientConfiguration(bootstrap: [address]),
                    storage: storage
                )
                let repair = try Repair(target, logger: quiet)
                #expect(try await repair.list().map(\.cause) == [.replaced])
                let outcome = try await repair.carryOut(try await repair.planToAccept(partition))
                #expect(outcome.next == 0 && outcome.lineage == 2)
                await log.wait(for: "filed ", "..<8 ")
                #expect(try await filedLines.sorted() == ((0..<3).map(line) + (100..<108).map(line)).sorted())
            }
        }
    }

    private func makeAgain(_ address: String) async throws {
        try await withAdmin(ClientConfiguration(bootstrap: [address]), logger: quiet) { admin in
            if let failure = try await admin.deleteTopics([partition.topic])[partition.topic] { throw failure }
            try await admin.createTopic(NewTopic(name: partition.topic, partitions: 1))
        }
    }

    /// The cluster goes away between a record and its commit, so nothing tells whether its topic is still the same.
    @Test func whatIsDueIsFiledWhenTheClusterAnswersAgain() async throws {
        let address = try await whileServing(at: "127.0.77.2:0", retentionMilliseconds: 86_400_000) { $0 }
        let (puts, didPut) = AsyncStream.makeStream(of: Void.self)
        let (stops, didStop) = AsyncStream.makeStream(of: Void.self)
        let runner = try runnerConfiguration([address], ["visible.within.ms": "1"]) { _ in
            didPut.yield()
            for await _ in stops { return }
        }
        try await whileRunning(SinkTaskRunner(runner, logger: log.logger)) {
            try await whileServing(at: address, retentionMilliseconds: 86_400_000) { address in
                await log.wait(for: "partitions taken over")
                try await send(0..<1, to: [address])
                for await _ in puts { return }
            }
            didStop.finish()
            await log.wait(for: "what is due is filed later")
            #expect(try await filedLines == [])
            try await whileServing(at: address, retentionMilliseconds: 86_400_000) { _ in
                await log.wait(for: "filed ", "..<1 ")
            }
        }
        #expect(try await filedLines == [line(0)])
    }

    private func line(_ number: Int) -> String { #"{"id_utente": "HE_\#(number)"}"# }

    private func whileServing<Result: Sendable>(
        at address: String,
        retentionMilliseconds: Int,
        _ body: @escaping @Sendable (String) async throws -> Result
    ) async throws -> Result {
        var settings = configuration
        settings.ingestor.listen = address
        settings.ingestor.retentionMilliseconds = retentionMilliseconds
        var served = try IngestorConfiguration(settings)
        served.topics = [TopicSpecification(name: partition.topic, partitionCount: 1)]
        // Nothing is deleted before the sink has read it, however long that takes.
        served.maintenanceInterval = .hours(24)
        let ingestor = Ingestor(configuration: served, logger: quiet)
        return try await whileRunning(ingestor) { try await body(ingestor.boundAddress.description) }
    }
}
