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
    private let onProgress: @Sendable (AuditProgress) -> Void

    /// - Parameter onProgress: told how much of the work is done.
    package init(
        _ configuration: PipelineConfiguration,
        logger: Logger,
        onProgress: @escaping @Sendable (AuditProgress) -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.logger = logger
        self.onProgress = onProgress
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
                try await audit(bootstrap: ingestor.boundAddress.description, isRunning: false)
            }
        } catch let error as IngestorError where error.code == .inUse {
            return try await audit(bootstrap: try runningAddress(), isRunning: true)
        }
    }

    /// The audit over an ingestor that serves already.
    ///
    /// - Parameter isRunning: whether the sink runs.
    func audit(bootstrap: String, isRunning: Bool) async throws -> AuditReport {
        var audit = try configuration.audit(
            client: ClientConfiguration(bootstrap: [bootstrap]),
            storage: LocalFileSystem(path: paths.storage)
        )
        audit.isRunning = isRunning
        audit.filesEverything = true
        audit.onProgress = onProgress
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
