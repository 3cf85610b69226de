import Audit
import Files
import Foundation
import Ingestor
import Logging
import PipelineTesting
import SystemPackage
import Testing

@testable import Pipeline

@Suite(.timeLimit(.minutes(5))) struct LocalAuditTests {
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
