import Community
import ConnectRuntime
import DataSource
import HDFSSink
import Ingestor
import KafkaClient
package import Logging
import ServiceLifecycle
import Storage
import UnixSignals

/// The whole pipeline of one machine in one process: ingestor, sink and, where wanted, a source of simulated events.
///
/// The stages are services of one group: they start in the order of the data and stop against it, so that the source
/// is quiet before the sink files what it holds, and the sink is done before the ingestor closes its log.
package struct LocalPipeline: Sendable {
    private let configuration: PipelineConfiguration
    private let paths: PipelinePaths
    private let logger: Logger

    package init(_ configuration: PipelineConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        paths = PipelinePaths(data: configuration.data)
    }

    /// Runs until SIGINT or SIGTERM, then stops without losing anything.
    ///
    /// - Parameters:
    ///   - withSource: whether simulated events are sent.
    ///   - onReady: called once, when the ingestor serves, with its `HOST:PORT`.
    /// - Throws: what a stage failed with; the others are stopped in order before.
    package func run(withSource: Bool, onReady: @escaping @Sendable (String) throws -> Void) async throws {
        let ingestor = Ingestor(
            configuration: try IngestorConfiguration(besideSinkOf: configuration),
            logger: labelled("ingestor")
        )
        let sink = try SinkStage(configuration, logger: labelled("sink"))
        var stages: [any Service] = [
            ingestor,
            AfterIngestor(ingestor: ingestor) { address in
                try await AddressFile(path: paths.kafkaAddress).publish(address) {
                    try onReady(address)
                    try await gracefulShutdown()
                }
            },
            AfterIngestor(ingestor: ingestor) { try await sink.run(bootstrap: $0) },
        ]
        if withSource {
            let source = SourceStage(configuration, logger: labelled("source"))
            stages.append(AfterIngestor(ingestor: ingestor) { try await source.run(bootstrap: $0) })
        }
        var group = ServiceGroupConfiguration(
            services: stages.map {
                .init(
                    service: $0,
                    successTerminationBehavior: .ignore,
                    failureTerminationBehavior: .gracefullyShutdownGroup
                )
            },
            gracefulShutdownSignals: [.sigint, .sigterm],
            logger: Logger(label: "services") { _ in SwiftLogNoOpLogHandler() }
        )
        group.maximumGracefulShutdownDuration = .seconds(60)
        try await ServiceGroup(configuration: group).run()
    }

    private func labelled(_ stage: String) -> Logger {
        var logger = Logger(label: stage)
        logger.logLevel = self.logger.logLevel
        return logger
    }
}
