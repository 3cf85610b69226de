import CommitLedger
import ConnectAPI
import Foundation
import HDFSSink
import Ingestor
import KafkaClient
import KafkaTopics
import Logging
import PipelineTesting
import Storage
import SystemPackage
import Testing

@testable import Pipeline

/// Partitions that have stopped, and what an operator's decisions make of them, over the embedded ingestor.
@Suite(.timeLimit(.minutes(15))) struct RepairTests {
    private let folder = ScratchDirectory()
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    private let partition = TopicPartition(topic: "utenti", partition: 0)

    private var configuration: PipelineConfiguration {
        var configuration = PipelineConfiguration()
        configuration.data = folder.path.string
        configuration.ingestor.listen = "127.0.0.1:0"
        return configuration
    }

    private var storage: any FileSystem {
        LocalFileSystem(root: FilePath(PipelinePaths(data: folder.path.string).storage))
    }

    /// One ingestor, and a repair of what is filed from it.
    private func whileServing(_ body: @escaping @Sendable (ClientConfiguration, Repair) async throws -> Void)
        async throws
    {
        var served = try IngestorConfiguration(configuration)
        served.topics = [TopicSpecification(name: "utenti", partitionCount: 1)]
        let ingestor = Ingestor(configuration: served, logger: logger)
        let (configuration, storage, logger) = (configuration, storage, logger)
        try await whileRunning(ingestor) {
            let client = ClientConfiguration(bootstrap: [try await ingestor.boundAddress.description])
            let target = try SinkTarget(configuration, client: client, storage: storage)
            try await body(client, Repair(target, logger: logger))
        }
    }

    private func produce(_ values: [String], _ client: ClientConfiguration) async throws {
        try await withProducer(ProducerConfiguration(client: client), logger: logger) { producer in
            for value in values {
                let record = KafkaRecord(
                    topic: "utenti",
                    partition: 0,
                    value: Array(value.utf8),
                    timestamp: 1_700_000_000_000
                )
                _ = try await producer.send(record)
            }
        }
    }

    private func fingerprint(_ offset: Int64, _ value: String) -> RecordFingerprint {
        Array(value.utf8).withUnsafeBytes { bytes in
            RecordFingerprint(
                offset: offset,
                timestamp: Timestamp(milliseconds: 1_700_000_000_000),
                key: nil,
                value: bytes
            )
        }
    }

    private func ledger(_ writer: String) throws -> CommitLedger {
        let sink = configuration.sink
        let layout = try CommitLayout(
            partition: partition,
            connector: sink.name,
            topicsDirectory: StoragePath(sink.topicsDirectory),
            logsDirectory: StoragePath(sink.logsDirectory)
        )
        return CommitLedger(layout: layout, storage: storage, writer: writer, logger: logger)
    }

    /// Files the values from offset `first` on, one commit each, as a sink that filters all of them.
    private func file(
        _ values: [String],
        from first: Int64 = 0,
        topicID: String? = nil,
        _ writer: String = "sink"
    ) async throws {
        var ledger = try ledger(writer)
        _ = try await ledger.takeOver(time: 1)
        for (offset, value) in zip(first..., values) {
            let counts = CommitCounts(unfiled: .init(filtered: 1))
            var proposal = CommitProposal(first: offset, next: offset + 1, files: [], counts: counts, time: 2)
            proposal.fingerprint = fingerprint(offset, value)
            proposal.topicID = topicID
            _ = try await ledger.commit(proposal)
        }
    }

    private func make(_ client: ClientConfiguration) async throws {
        try await withAdmin(client, logger: logger) { admin in
            if let failure = try await admin.deleteTopics(["utenti"])["utenti"] { throw failure }
            try await admin.createTopic(NewTopic(name: "utenti", partitions: 1))
        }
    }

    private func newest() async throws -> CommitRecord? {
        let logs = try StoragePath(configuration.sink.logsDirectory)
        let reader = try CommitRecordReader(storage: storage, logsDirectory: logs, connector: configuration.sink.name)
        let history = try await reader.history(of: partition)
        #expect(history.problems == [])
        return history.newest
    }

    @Test func nothingStandsWhereTheLogIsTheOneThatWasFiled() async throws {
        try await whileServing { client, repair in
            try await produce(["a", "b", "c"], client)
            try await file(["a", "b"])
            #expect(try await repair.list() == [])
            await #expect(throws: RepairError.self) { try await repair.planToAccept(partition) }
            let plan = try await repair.planToSkip(partition, to: 3)
            try await repair.carryOut(plan)
            let record = try #require(try await newest())
            #expect(record.kind == .skip && record.next == 3 && record.totals.skipped == 1 && record.lineage == 1)
            for beyond in [Int64(3), 4] {
                await #expect(throws: RepairError.self) { try await repair.planToSkip(partition, to: beyond) }
            }
        }
    }

    /// The first records are the same ones: only what differs is filed anew.
    @Test func aLogThatLostItsEndIsFiledAnewFromWhereItDiffers() async throws {
        try await whileServing { client, repair in
            try await file(["a", "b", "c", "d", "e"])
            try await produce(["a", "b", "C", "D", "E", "F"], client)
            let standing = try #require(try await repair.list().first)
            #expect(standing.cause == .replaced && standing.offset == 5 && standing.since == 2)
            #expect(standing.cure == "hera repair accept utenti-0")
            await #expect(throws: RepairError.self) { try await repair.planToSkip(partition, to: 6) }
            let plan = try await repair.planToAccept(partition)
            let outcome = try await repair.carryOut(plan)
            #expect(outcome.next == 2 && outcome.lineage == 2)
            let record = try #require(try await newest())
            #expect(record.kind == .reset && record.fingerprint == fingerprint(1, "b") && record.earlier.filtered == 5)
            #expect(try await repair.list() == [])
        }
    }

    @Test func aTopicThatWasMadeAgainIsFiledFromItsStart() async throws {
        try await whileServing { client, repair in
            try await produce(["a", "b"], client)
            try await file(["a", "b"])
            try await make(client)
            #expect(try await repair.list().map(\.offset) == [2])
            try await produce(["x", "y", "z"], client)
            #expect(try await repair.list().map(\.cause) == [.replaced])
            let plan = try await repair.planToAccept(partition)
            #expect(try await repair.carryOut(plan).next == 0)
            #expect(try await repair.list() == [])
        }
    }

    /// The sink read on in the new topic before it learned of it: what it passed over is filed all the same.
    @Test func aTopicWithAnotherIdIsFiledFromItsStartWhateverWasReadOfIt() async throws {
        try await whileServing { client, repair in
            try await produce(["x", "y", "z"], client)
            try await file(["a", "b", "z"], topicID: "an earlier topic")
            let standing = try #require(try await repair.list().first)
            #expect(standing.cause == .replaced && standing.what.contains("an earlier topic"))
            let plan = try await repair.planToAccept(partition)
            #expect(try await repair.carryOut(plan).next == 0)
        }
    }

    /// A sink filed more between the plan and its end.
    @Test func aPlanThatIsOldChangesNothing() async throws {
        try await whileServing { client, repair in
            try await produce(["a", "b", "c"], client)
            try await file(["a"])
            let plan = try await repair.planToSkip(partition, to: 2)
            try await file(["b"], from: 1, "other")
            let error = await #expect(throws: RepairError.self) { try await repair.carryOut(plan) }
            #expect(error?.description.contains("filed further meanwhile") == true)
            #expect(try await newest()?.next == 2)
            #expect(try await newest()?.totals.skipped == 0)
        }
    }

    /// A record whose files never got their names is set aside; the one before it counts again.
    @Test func aDamagedRecordIsSetAside() async throws {
        try await whileServing { client, repair in
            try await produce(["a", "b", "c"], client)
            try await file(["a", "b"])
            let path = try ledger("x").layout.record(sequence: 3)
            try await damage(path)
            let standing = try #require(try await repair.list().first)
            #expect(standing.cause == .recordDamaged && standing.what.contains(path.string))
            let plan = try await repair.planToAccept(partition)
            let outcome = try await repair.carryOut(plan)
            #expect(outcome.next == 1 && outcome.lineage == 1)
            #expect(try await newest()?.next == 1)
            #expect(try await storage.status(of: StoragePath(path.string + ".damaged")) != nil)
            #expect(try await repair.list() == [])
        }
    }

    /// Its files have their names: they are not filed once more.
    @Test func filesOfADamagedRecordAreNotFiledAgain() async throws {
        try await whileServing { client, repair in
            try await produce(["a", "b", "c", "d"], client)
            try await file(["a", "b"])
            let layout = try ledger("x").layout
            try await damage(layout.record(sequence: 3))
            try await storage.write(Array("b\nc\n".utf8), to: layout.final(directory: "2021", first: 1, last: 2))
            let plan = try await repair.planToAccept(partition)
            let outcome = try await repair.carryOut(plan)
            #expect(outcome.next == 3 && outcome.lineage == 2)
            #expect(try await newest()?.kind == .reset)
        }
    }

    @Test func filesThatMayBeCommittedAreNotThrownAway() async throws {
        try await whileServing { client, repair in
            try await produce(["a", "b", "c", "d"], client)
            try await file(["a", "b"])
            let layout = try ledger("x").layout
            try await damage(layout.record(sequence: 3))
            try await storage.write(Array("b\n".utf8), to: layout.final(directory: "2021", first: 1, last: 1))
            let waiting = try layout.temporaryData(epoch: 1, number: 1)
            try await storage.write(Array("c\n".utf8), to: waiting)
            let error = await #expect(throws: RepairError.self) { try await repair.planToAccept(partition) }
            #expect(error?.description.contains("backup") == true)
            #expect(try await storage.status(of: waiting) != nil)
        }
    }

    private func damage(_ path: StoragePath) async throws {
        var bytes = try await storage.read(path, bytesMax: 1 << 20)
        bytes[bytes.count / 2] ^= 1
        _ = try await storage.delete(path)
        try await storage.write(bytes, to: path)
    }
}
