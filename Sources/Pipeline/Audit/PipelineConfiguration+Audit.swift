package import Audit
import ConnectAPI
import ConnectRuntime
import HDFSSink
package import KafkaClient
import Logging
package import Storage

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
