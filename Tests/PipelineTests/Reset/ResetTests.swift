import Audit
import Checksums
import CommitLedger
import Ingestor
import KafkaClient
import KafkaTopics
import Logging
import PipelineTesting
import Storage
import SystemPackage
import Testing

@testable import Pipeline

/// `hera reset` over the embedded ingestor: what goes, where the sink goes on, and what is left of a reset that died.
@Suite(.timeLimit(.minutes(15))) struct ResetTests {
    private let folder = ScratchDirectory()
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    private let partition = TopicPartition(topic: "utenti", partition: 0)

    private var configuration: PipelineConfiguration {
        var configuration = PipelineConfiguration()
        configuration.data = folder.path.string
        configuration.ingestor.listen = "127.0.0.1:0"
        return configuration
    }

    private func whileServing(_ body: @escaping @Sendable (ClientConfiguration) async throws -> Void) async throws {
        var served = try IngestorConfiguration(configuration)
        served.topics = ["utenti", "dlq_hdfs3-sink"].map { TopicSpecification(name: $0, partitionCount: 1) }
        let ingestor = Ingestor(configuration: served, logger: logger)
        try await whileRunning(ingestor) {
            try await body(ClientConfiguration(bootstrap: [try await ingestor.boundAddress.description]))
        }
    }

    private func reset(
        _ client: ClientConfiguration,
        _ storage: any FileSystem,
        connector: String? = nil
    ) throws -> Reset {
        var target = try SinkTarget(configuration, client: client, storage: storage)
        if let connector { target.connector = connector }
        return try Reset(configuration, target, now: { 1_000 }, logger: logger)
    }

    private func ledger(_ storage: any FileSystem, connector: String? = nil) throws -> CommitLedger {
        var target = try SinkTarget(configuration, client: ClientConfiguration(bootstrap: []), storage: storage)
        if let connector { target.connector = connector }
        return try target.ledger(of: partition, for: "sink", logger: logger)
    }

    private static func line(_ offset: Int64) -> String { #"{"id_utente": "HE_\#(offset)"}"# }

    /// Sends `count` records to the topic, and one letter to the dead letter queue.
    private func produce(_ count: Int64, to client: ClientConfiguration) async throws {
        try await withProducer(ProducerConfiguration(client: client), logger: logger) { producer in
            for offset in 0..<count {
                let value = Array(Self.line(offset).utf8)
                _ = try await producer.send(
                    KafkaRecord(topic: "utenti", partition: 0, value: value, timestamp: 1_700_000_000_000)
                )
            }
            _ = try await producer.send(KafkaRecord(topic: "dlq_hdfs3-sink", partition: 0, value: Array("letter".utf8)))
        }
    }

    /// Files a line for each of `offsets`, in one file and one commit, as a sink does that has just begun.
    private func file(_ offsets: Range<Int64>, in storage: any FileSystem, connector: String? = nil) async throws {
        var ledger = try ledger(storage, connector: connector)
        guard case .tookOver(let takeover) = try await ledger.takeOver(time: 1) else { return }
        let lines = Array(offsets.map { Self.line($0) + "\n" }.joined().utf8)
        let temporary = try ledger.layout.temporaryData(epoch: takeover.epoch, number: 0)
        try await storage.write(lines, to: temporary)
        var checksum = CRC32C()
        checksum.update(lines)
        let final = try ledger.layout.final(
            directory: "2023/11/14/23",
            first: offsets.lowerBound,
            last: offsets.upperBound - 1,
            lineage: takeover.lineage
        )
        let file = CommitRecord.File(
            temporary: temporary.string,
            final: final.string,
            first: offsets.lowerBound,
            last: offsets.upperBound - 1,
            rows: Int64(offsets.count),
            bytes: Int64(lines.count),
            crc32c: checksum.digits,
            least: 0,
            greatest: 0
        )
        let counts = CommitCounts(rows: Int64(offsets.count), bytes: Int64(lines.count))
        _ = try await ledger.commit(
            CommitProposal(first: offsets.lowerBound, next: offsets.upperBound, files: [file], counts: counts, time: 2)
        )
    }

    private func history(_ storage: any FileSystem) async throws -> CommitRecordReader.History {
        let logs = try StoragePath(configuration.sink.logsDirectory)
        return try await CommitRecordReader(storage: storage, logsDirectory: logs, connector: configuration.sink.name)
            .history(of: partition)
    }

    private func files(_ storage: any FileSystem, under directory: String = "raw_data") async throws -> [String] {
        try await storage.files(under: StoragePath("HeraSDG/\(directory)")) { $0 == "+tmp" }.map(\.path.name)
    }

    /// The offsets that the topic has.
    private func offsets(_ client: ClientConfiguration) async throws -> Range<Int64> {
        try await withAdmin(client, logger: logger) { admin in
            let deletion = try await admin.recordDeletion(of: TopicSelection(topic: "utenti"), before: .earliest)
            let own = try #require(deletion.partitions.first)
            return own.logStartOffset..<own.endOffset
        }
    }

    private func audit(_ client: ClientConfiguration, _ storage: any FileSystem) async throws -> AuditReport {
        var audit = try configuration.audit(client: client, storage: storage)
        audit.filesEverything = true
        audit.isRunning = false
        return try await Auditor(audit, logger: logger).run()
    }

    @Test func everythingGoesAndTheSinkGoesOnBehindIt() async throws {
        try await whileServing { client in
            let storage = MemoryFileSystem()
            try await produce(5, to: client)
            try await file(0..<3, in: storage)
            try await storage.write([1, 2], to: StoragePath("HeraSDG/clean_data/utenti/part.parquet"))
            try await storage.write([1], to: StoragePath("HeraSDG/clean_data/_SUCCESS"))
            let reset = try reset(client, storage)
            let plan = try await reset.plan(ResetScope())
            let utenti = try #require(plan.topics.first)
            #expect(utenti.topic == "utenti" && utenti.records == 5 && utenti.unfiled == 2)
            #expect(utenti.files == 1 && utenti.cleanFiles == 1 && utenti.cleanBytes == 2)
            #expect(plan.topics.last?.topic == "dlq_hdfs3-sink" && plan.topics.last?.records == 1)
            #expect(plan.otherCleanFiles == 1)
            #expect(plan.text.contains("2 records are in no file, and will never be filed"))
            try await reset.carryOut(plan)

            #expect(try await files(storage) == [])
            #expect(try await files(storage, under: "clean_data") == [])
            #expect(try await offsets(client) == 5..<5)
            let history = try await history(storage)
            #expect(history.problems == [])
            let record = try #require(history.newest)
            #expect(record.kind == .reset && record.next == 5 && record.lineage == 2)
            #expect(record.emptied == 2 && record.cleared == 2 && record.earlier == CommitCounts())
            #expect(record.skipped == [CommitRecord.Offsets(first: 3, next: 5)])
            let empty = try await audit(client, storage)
            #expect(empty.holds, "\(empty.text)")
            #expect(try await reset.plan(ResetScope()).isEmpty, "a second reset finds nothing")

            try await produce(2, to: client)
            try await file(5..<7, in: storage)
            #expect(try await files(storage) == ["utenti_0_0000000005_0000000006.l2.json"])
            #expect(try await self.history(storage).newest?.emptied == 2)
        }
    }

    struct Part: Sendable, CustomTestStringConvertible {
        let parts: Set<ResetScope.Part>
        /// What the topic holds then.
        let offsets: Range<Int64>
        let next: Int64
        let lineage: Int64
        let files: Int
        var testDescription: String { parts.map(\.rawValue).sorted().joined(separator: ",") }
    }

    @Test(arguments: [
        Part(parts: [.topics], offsets: 5..<5, next: 5, lineage: 2, files: 1),
        Part(parts: [.files], offsets: 0..<5, next: 3, lineage: 2, files: 0),
        Part(parts: [.commits], offsets: 0..<5, next: 5, lineage: 2, files: 1),
        Part(parts: [.files, .commits], offsets: 0..<5, next: 0, lineage: 2, files: 0),
        Part(parts: [.topics, .files], offsets: 5..<5, next: 5, lineage: 2, files: 0),
    ])
    func aPartGoesAlone(_ part: Part) async throws {
        try await whileServing { client in
            let storage = MemoryFileSystem()
            try await produce(5, to: client)
            try await file(0..<3, in: storage)
            let reset = try reset(client, storage)
            let scope = ResetScope(part.parts, topics: ["utenti"])
            try await reset.carryOut(try await reset.plan(scope))
            #expect(try await offsets(client) == part.offsets)
            let history = try await history(storage)
            #expect(history.problems == [])
            let record = try #require(history.newest)
            #expect(record.next == part.next && record.lineage == part.lineage)
            #expect(record.cleared == (part.parts.contains(.files) ? 2 : nil))
            #expect(try await files(storage).count == part.files)
            #expect(try await reset.plan(scope).isEmpty)
            let report = try await audit(client, storage)
            #expect(report.troubles.filter { $0.kind != .partitionStalled } == [], "\(report.text)")
        }
    }

    /// All was filed: the place stays, and nothing says that the log is another one.
    @Test func topicsThatAreFiledAreEmptiedWithoutARecord() async throws {
        try await whileServing { client in
            let storage = MemoryFileSystem()
            try await produce(3, to: client)
            try await file(0..<3, in: storage)
            let reset = try reset(client, storage)
            let plan = try await reset.plan(ResetScope([.topics]))
            #expect(plan.topics.first?.records == 3 && plan.topics.first?.unfiled == 0)
            try await reset.carryOut(plan)
            #expect(try await history(storage).newest?.kind == .commit)
            #expect(try await offsets(client) == 3..<3)
            #expect(try await audit(client, storage).holds)
        }
    }

    /// Records that were never filed are given up too: nothing calls them lost.
    @Test func topicsThatNoSinkEverFiledAreEmptied() async throws {
        try await whileServing { client in
            let storage = MemoryFileSystem()
            try await produce(4, to: client)
            let reset = try reset(client, storage)
            try await reset.carryOut(try await reset.plan(ResetScope()))
            #expect(try await history(storage).newest?.next == 4)
            let report = try await audit(client, storage)
            #expect(report.holds, "\(report.text)")
        }
    }

    /// An audit takes longer than a reset.
    private static let deathsPerAudit = 8

    /// The storage fails at each operation in turn, as if the program died there. Run again, it comes to the same end; until
    /// then a sink finds the place before the reset or the one behind it.
    @Test func aResetThatDiedAnywhereIsRunAgain() async throws {
        try await whileServing { client in
            var failures = 0
            for death in 0... {
                let storage = MemoryFileSystem()
                let start = try await offsets(client).upperBound
                try await produce(3, to: client)
                try await file(start..<start + 2, in: storage)
                let plan = try await reset(client, storage).plan(ResetScope())
                let faulty = FaultyFileSystem(storage) { $0.number >= death ? .fails(.unavailable) : nil }
                let hasDied: Bool
                do {
                    try await reset(client, faulty).carryOut(plan)
                    hasDied = false
                } catch {
                    hasDied = true
                    failures += 1
                    let newest = try await history(storage).newest
                    #expect(newest?.next == start + 2 || newest?.kind == .reset && newest?.next == start + 3)
                }
                let again = try reset(client, storage)
                try await again.carryOut(try await again.plan(ResetScope()))
                #expect(try await files(storage) == [])
                #expect(try await offsets(client) == start + 3..<start + 3)
                let history = try await history(storage)
                #expect(history.problems == [] && history.newest?.next == start + 3)
                if !hasDied || death.isMultiple(of: Self.deathsPerAudit) {
                    let report = try await audit(client, storage)
                    #expect(report.holds, "death at operation \(death): \(report.text)")
                }
                if !hasDied { break }
            }
            #expect(failures > 10, "the storage is asked less often than this test believes")
        }
    }

    /// Until it is run again, the audit says what is left of it.
    @Test func theAuditNamesWhatAResetThatDiedHasLeft() async throws {
        try await whileServing { client in
            let storage = MemoryFileSystem()
            try await produce(3, to: client)
            try await file(0..<3, in: storage)
            let faulty = FaultyFileSystem(storage) { operation in
                operation.kind == .delete && operation.path.name.hasPrefix("utenti_") ? .fails(.permissionDenied) : nil
            }
            let dying = try reset(client, faulty)
            let plan = try await dying.plan(ResetScope())
            await #expect(throws: StorageError.self) { try await dying.carryOut(plan) }
            let report = try await audit(client, storage)
            #expect(report.troubles.map(\.kind) == [.fileLeft])
            #expect(report.troubles.first?.advice.contains("hera reset") == true)
            let again = try reset(client, storage)
            try await again.carryOut(try await again.plan(ResetScope()))
            #expect(try await audit(client, storage).holds)
        }
    }

    /// A sink that begins between two steps files in the new lineage: its files stay.
    @Test func filesOfASinkThatBeginsInBetweenStay() async throws {
        try await whileServing { client in
            let storage = MemoryFileSystem()
            try await produce(3, to: client)
            try await file(0..<3, in: storage)
            let plan = try await reset(client, storage).plan(ResetScope())
            let interrupted = FaultyFileSystem(storage) { operation in
                guard operation.kind == .delete, operation.path.name == "utenti_0_0000000000_0000000002.json" else {
                    return nil
                }
                do {
                    try await file(3..<4, in: storage)
                } catch {
                    Issue.record("\(error)")
                }
                return nil
            }
            try await reset(client, interrupted).carryOut(plan)
            #expect(try await files(storage) == ["utenti_0_0000000003_0000000003.l2.json"])
        }
    }

    @Test func aPlanIsRefusedOnceASinkHasFiledFurther() async throws {
        try await whileServing { client in
            let storage = MemoryFileSystem()
            try await produce(4, to: client)
            try await file(0..<3, in: storage)
            let reset = try reset(client, storage)
            let plan = try await reset.plan(ResetScope())
            try await file(3..<4, in: storage)
            await #expect(throws: ResetError.self) { try await reset.carryOut(plan) }
            #expect(try await files(storage).count == 2)
            #expect(try await offsets(client) == 0..<4)
        }
    }

    /// What a sink filed between the question and its answer is not deleted, where nothing had been filed before either.
    @Test func aPlanIsRefusedOnceASinkHasFiledForTheFirstTime() async throws {
        try await whileServing { client in
            let storage = MemoryFileSystem()
            try await produce(3, to: client)
            let reset = try reset(client, storage)
            let plan = try await reset.plan(ResetScope())
            try await file(0..<3, in: storage)
            await #expect(throws: ResetError.self) { try await reset.carryOut(plan) }
            #expect(try await files(storage).count == 1)
            #expect(try await offsets(client) == 0..<3)
        }
    }

    @Test func nothingIsResetWhileASinkRuns() async throws {
        try await whileServing { client in
            let storage = MemoryFileSystem()
            try await produce(1, to: client)
            let reset = try reset(client, storage)
            let plan = try await reset.plan(ResetScope())
            var consumer = ConsumerConfiguration(client: client, group: "connect-hdfs3-sink")
            consumer.sessionTimeout = .seconds(60)
            try await withConsumer(consumer, logger: logger) { consumer in
                try await consumer.subscribe(["utenti"])
                for try await event in consumer.events {
                    guard case .assigned = event else { continue }
                    let error = await #expect(throws: ResetError.self) { try await reset.plan(ResetScope()) }
                    #expect(error?.description.contains("connect-hdfs3-sink") == true)
                    await #expect(throws: ResetError.self) { try await reset.carryOut(plan) }
                    break
                }
            }
            #expect(try await offsets(client) == 0..<1)
        }
    }

    /// Where all files go, it does not matter which of them a damaged record committed.
    @Test func aDamagedRecordIsSetAsideWithTheFiles() async throws {
        try await whileServing { client in
            let storage = MemoryFileSystem()
            try await produce(3, to: client)
            try await file(0..<3, in: storage)
            let path = try ledger(storage).layout.record(sequence: 2)
            _ = try await storage.delete(path)
            try await storage.write(Array("{".utf8), to: path)
            let reset = try reset(client, storage)
            let error = await #expect(throws: ResetError.self) { try await reset.plan(ResetScope([.topics])) }
            #expect(error?.description.contains("hera repair accept utenti-0") == true)
            try await reset.carryOut(try await reset.plan(ResetScope()))
            #expect(try await files(storage) == [])
            #expect(try await history(storage).newest?.next == 3)
        }
    }

    /// Another connector's records speak of the same files.
    @Test func everyConnectorThatFiledTheTopicGetsItsPlace() async throws {
        try await whileServing { client in
            let storage = MemoryFileSystem()
            try await produce(3, to: client)
            try await file(0..<3, in: storage, connector: "other")
            let reset = try reset(client, storage)
            try await reset.carryOut(try await reset.plan(ResetScope()))
            var other = try ledger(storage, connector: "other")
            guard case .tookOver(let record) = try await other.takeOver(time: 9) else {
                Issue.record("nobody else writes")
                return
            }
            #expect(record.next == 3 && record.cleared == 2)
        }
    }

    @Test(arguments: ["nowhere", "__consumer_offsets", ".", "..", "", "a/b"])
    func topicsThatCannotBeEmptiedAreRefused(name: String) async throws {
        try await whileServing { client in
            let storage = MemoryFileSystem()
            try await storage.write([1], to: StoragePath("HeraSDG/raw_data/utenti/x"))
            let reset = try reset(client, storage)
            await #expect(throws: ResetError.self) { try await reset.plan(ResetScope(topics: [name])) }
        }
    }
}
