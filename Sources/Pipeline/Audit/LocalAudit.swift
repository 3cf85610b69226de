package import Audit
import Foundation
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
        try await LocalKafka(configuration, logger: logger).run { bootstrap, isRunning in
            try await audit(bootstrap: bootstrap, isRunning: isRunning)
        }
    }

    /// The audit over an ingestor that serves already.
    ///
    /// - Parameter isRunning: whether the sink runs.
    func audit(bootstrap: String, isRunning: Bool) async throws -> AuditReport {
        var audit = try configuration.audit(
            client: ClientConfiguration(bootstrap: [bootstrap]),
            storage: paths.storageLocation.fileSystem()
        )
        audit.isRunning = isRunning
        audit.filesEverything = true
        audit.onProgress = onProgress
        if FileManager.default.fileExists(atPath: paths.truth) {
            audit.supplement = CommunityTruth(directory: paths.truth)
        }
        return try await Auditor(audit, logger: logger).run()
    }
}
