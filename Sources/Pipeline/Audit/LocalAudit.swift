package import Audit
import ConnectAPI
import ConnectRuntime
import Foundation
import HDFSSink
package import KafkaClient
package import Logging
package import Storage

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

    /// - Throws: where there is no pipeline in the directory, or something could not be read, so that nothing is proved.
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
            storage: configuration.fileSystem()
        )
        audit.isRunning = isRunning
        audit.filesEverything = true
        audit.onProgress = onProgress
        let unknown = isRunning ? take(StatusFile(path: paths.status), of: bootstrap, into: &audit) : nil
        if FileManager.default.fileExists(atPath: paths.truth) {
            audit.supplement = try CommunityTruth(directory: paths.truth)
        }
        var report = try await Auditor(audit, logger: logger).run()
        if let unknown { report.notes.append(AuditNote("what the sink says of itself is not judged: \(unknown)")) }
        return report
    }

    /// Takes what the running pipeline says of its sink from its status file.
    ///
    /// - Returns: why that cannot be relied on; `nil` where it can.
    private func take(_ file: StatusFile, of bootstrap: String, into audit: inout AuditConfiguration) -> String? {
        let status: PipelineStatus
        do {
            guard let read = try file.read() else { return "there is no status in \(configuration.data)" }
            status = read
        } catch {
            return "\(error)"
        }
        let now = WallClock.milliseconds()
        switch status.freshness(atMilliseconds: now) {
        case .current where status.kafka == bootstrap:
            audit.task = status.sink.map { .init($0, atMilliseconds: status.updatedAtMilliseconds) }
            return nil
        case .current, .stopped: return "the status in \(configuration.data) is that of an earlier run"
        case .old: return "the status in \(configuration.data) is \((now - status.updatedAtMilliseconds) / 1_000) s old"
        }
    }
}

/// Why a pipeline's directory cannot be audited.
package struct LocalAuditError: Error, CustomStringConvertible {
    package let description: String

    static func noPipeline(_ data: String) -> LocalAuditError {
        LocalAuditError(
            description: "there is no pipeline in \(data); name its directory with --data, or a cluster and its files "
                + "with --bootstrap and --storage"
        )
    }

    static func addressUnknown(_ data: String) -> LocalAuditError {
        LocalAuditError(
            description:
                "\(data) is in use, and not by `hera up`, which would say where it listens; where another audit "
                + "runs, wait for it, else give the address and the files with --bootstrap and --storage"
        )
    }
}

extension PipelineConfiguration {
    /// How much later than promised records may be visible before their partition counts as stalled, in milliseconds:
    /// disks and brokers may be slow.
    private static let stallGraceMilliseconds: Int64 = 30_000

    /// The audit of what this configuration's connector files.
    ///
    /// - Throws: what is wrong with the connector's settings.
    package func audit(client: ClientConfiguration, storage: any FileSystem) throws -> AuditConfiguration {
        let runner = try SinkTaskRunnerConfiguration(
            connectorProperties,
            connector: HDFSSinkConnector(storage: storage, logger: Logger(label: "audit")),
            plugins: .builtIn,
            bootstrap: client.bootstrap,
            now: WallClock.moment
        )
        var audit = AuditConfiguration(
            client: client,
            storage: storage,
            connector: sink.name,
            topics: runner.settings.topics,
            deadLetterTopic: sink.deadLetterTopic,
            makePipeline: { try runner.makePipeline() },
            now: WallClock.milliseconds
        )
        audit.topicsDirectory = sink.topicsDirectory
        audit.logsDirectory = sink.logsDirectory
        audit.stallMilliseconds = Int64(sink.visibleWithinMilliseconds) + Self.stallGraceMilliseconds
        return audit
    }
}
