import Audit
import Files
import Foundation
import Ingestor
import Logging
import PipelineTesting
import Synchronization
import SystemPackage
import Testing

@testable import ConnectRuntime
@testable import Pipeline

@Suite(.timeLimit(.minutes(15))) struct LocalAuditTests {
    private let folder = ScratchDirectory()
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private var configuration: PipelineConfiguration {
        var configuration = PipelineConfiguration()
        configuration.data = folder.path.string
        configuration.ingestor.listen = "127.0.0.1:0"
        return configuration
    }

    private var paths: PipelinePaths { PipelinePaths(data: folder.path.string) }

    /// Runs an ingestor over the pipeline's log, and `body` with its address.
    private func whileServing<Result: Sendable>(
        topics: [TopicSpecification],
        _ body: @escaping @Sendable (String) async throws -> Result
    ) async throws -> Result {
        var served = try IngestorConfiguration(configuration)
        served.topics = topics
        let ingestor = Ingestor(configuration: served, logger: logger)
        return try await whileRunning(ingestor) { try await body(ingestor.boundAddress.description) }
    }

    private var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: paths.ingestor).sorted() }
    }

    @Test func auditOfAStoppedPipelineMakesNoTopics() async throws {
        try await whileServing(topics: [TopicSpecification(name: "utenti", partitionCount: 1)]) { _ in }
        let before = try names
        let report = try await LocalAudit(configuration, logger: logger).run()
        #expect(report.holds)
        #expect(report.partitions.map(\.topic) == ["utenti"])
        #expect(try names == before)
    }

    @Test func runningPipelineIsAskedAtItsAddress() async throws {
        let (configuration, paths, logger) = (configuration, paths, logger)
        try await whileServing(topics: [TopicSpecification(name: "utenti", partitionCount: 3)]) { address in
            try await AddressFile(path: paths.kafkaAddress, logger: logger).publish(address) {
                let report = try await LocalAudit(configuration, logger: logger).run()
                #expect(report.partitions.count == 3)
            }
        }
    }

    /// Audits beside a pipeline whose status file `leave` makes.
    private func audit(
        _ leave: @escaping @Sendable (_ address: String, _ file: StatusFile) throws -> Void
    ) async throws -> AuditReport {
        let (configuration, paths, logger) = (configuration, paths, logger)
        return try await whileServing(topics: [TopicSpecification(name: "utenti", partitionCount: 2)]) { address in
            let report = Mutex<AuditReport?>(nil)
            try await AddressFile(path: paths.kafkaAddress, logger: logger).publish(address) {
                try leave(address, StatusFile(path: paths.status))
                let found = try await LocalAudit(configuration, logger: logger).run()
                report.withLock { $0 = found }
            }
            return try #require(report.withLock { $0 })
        }
    }

    /// The status of a pipeline at `address` whose sink has given `utenti-1` up.
    private static func failing(_ address: String, at milliseconds: Int64) -> PipelineStatus {
        var status = PipelineStatus(startedAtMilliseconds: 0, updatedAtMilliseconds: milliseconds)
        status.kafka = address
        let partition = SinkPartitionStatus(
            topic: "utenti",
            partition: 1,
            state: .failed,
            reason: "the commit record is damaged",
            delivered: 0,
            filtered: 0,
            deadLettered: 0,
            absent: 0,
            lost: 0
        )
        status.sink = SinkTaskStatus(state: .running, reason: nil, partitions: [partition])
        return status
    }

    @Test func partitionThatTheSinkHasGivenUpIsToldAtOnce() async throws {
        let report = try await audit { address, file in
            // An hour ahead: it does not get old while a slow machine starts the audit.
            file.writeLast(Self.failing(address, at: WallClock.milliseconds() + 3_600_000))
        }
        #expect(report.troubles.map(\.kind) == [.partitionFailed])
        #expect(report.troubles.first?.partition == 1)
        #expect(report.troubles.first?.what.contains("the commit record is damaged") == true)
        #expect(report.notes.isEmpty)
    }

    @Test func statusThatCannotBeReliedOnIsIgnoredInWords() async throws {
        let statuses: [(words: String, leave: @Sendable (String, StatusFile) throws -> Void)] = [
            (" s old", { $1.writeLast(Self.failing($0, at: WallClock.milliseconds() - 60_000)) }),
            (
                "of an earlier run",
                { $1.writeLast(Self.failing("127.0.0.1:1", at: WallClock.milliseconds() + 3_600_000)) }
            ),
            (
                "of an earlier run",
                {
                    var status = Self.failing($0, at: WallClock.milliseconds())
                    status.isStopped = true
                    $1.writeLast(status)
                }
            ),
            (
                "not the status of a pipeline",
                { [paths] _, _ in try Data("{".utf8).write(to: URL(fileURLWithPath: paths.status)) }
            ),
            ("there is no status", { [paths] _, _ in try FileManager.default.removeItem(atPath: paths.status) }),
        ]
        for (words, leave) in statuses {
            let report = try await audit(leave)
            #expect(report.holds, "\(words)")
            #expect(report.notes.map(\.text).contains { $0.contains(words) }, "\(words): \(report.notes)")
        }
    }

    @Test func directoryInUseWithoutAnAddressIsToldSo() async throws {
        try FileManager.default.createDirectory(atPath: paths.ingestor, withIntermediateDirectories: true)
        let other = try DirectoryLock(FilePath(paths.ingestor))
        defer { withExtendedLifetime(other) {} }
        let error = await #expect(throws: LocalAuditError.self) {
            try await LocalAudit(configuration, logger: logger).run()
        }
        #expect(error?.description.contains("is in use, and not by `hera up`") == true)
    }

    @Test func directoryWithoutAPipelineIsToldSo() async {
        let error = await #expect(throws: LocalAuditError.self) {
            try await LocalAudit(configuration, logger: logger).run()
        }
        #expect(error?.description.contains("there is no pipeline in") == true)
    }
}
