package import Audit
import Foundation
import Ingestor
import KafkaClient
package import Logging
import Storage

/// The audit of a pipeline's directory, whether the pipeline runs or not: where it does not, the ingestor is started for
/// as long as the audit asks it, on a port of its own.
package struct LocalAudit: Sendable {
    private let configuration: PipelineConfiguration
    private let paths: PipelinePaths
    private let logger: Logger

    package init(_ configuration: PipelineConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        paths = PipelinePaths(data: configuration.data)
    }

    /// - Throws: where there is no pipeline in the directory, or something could not be read: then nothing is proved.
    package func run() async throws -> AuditReport {
        guard FileManager.default.fileExists(atPath: paths.ingestor) else {
            throw LocalAuditError.noPipeline(configuration.data)
        }
        var own = configuration
        own.ingestor.listen = "127.0.0.1:0"
        var served = try IngestorConfiguration(own)
        // The audit judges what is there: nothing may age out, or come to be, because somebody looks.
        served.maintainsLogs = false
        let ingestor = Ingestor(configuration: served, logger: logger)
        do {
            return try await whileRunning(ingestor) {
                try await audit(bootstrap: ingestor.boundAddress.description)
            }
        } catch let error as IngestorError where error.code == .inUse {
            return try await audit(bootstrap: try runningAddress())
        }
    }

    /// The audit over an ingestor that serves already.
    func audit(bootstrap: String) async throws -> AuditReport {
        var audit = AuditConfiguration(
            client: ClientConfiguration(bootstrap: [bootstrap]),
            storage: LocalFileSystem(path: paths.storage),
            connector: configuration.sink.name,
            deadLetterTopic: configuration.sink.deadLetterTopic
        )
        audit.topicsDirectory = configuration.sink.topicsDirectory
        audit.logsDirectory = configuration.sink.logsDirectory
        if FileManager.default.fileExists(atPath: paths.truth) { audit.truthDirectory = paths.truth }
        return try await Auditor(audit, logger: logger).run()
    }

    private func runningAddress() throws -> String {
        guard let text = try? String(contentsOfFile: paths.kafkaAddress, encoding: .utf8) else {
            throw LocalAuditError.addressUnknown(configuration.data)
        }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
