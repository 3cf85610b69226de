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
/// is quiet before the sink files what it holds, and the sink is done before the ingestor closes its log. The stages
/// behind the ingestor are started again when they fail, and never take it down.
package struct LocalPipeline: Sendable {
    private let configuration: PipelineConfiguration
    private let paths: PipelinePaths
    private let logger: Logger

    package init(_ configuration: PipelineConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        paths = PipelinePaths(data: configuration.data)
    }

    /// Runs until SIGINT, SIGTERM or SIGHUP, then stops without losing anything.
    ///
    /// - Parameters:
    ///   - withSource: whether simulated events are sent.
    ///   - onReady: called once, when the ingestor serves, with its `HOST:PORT`.
    /// - Returns: how the stages were when it stopped.
    /// - Throws: what the ingestor failed with, or `onReady`; wrong settings. A sink or source that fails is started
    ///   again instead.
    @discardableResult
    package func run(
        withSource: Bool,
        onReady: @escaping @Sendable (String) throws -> Void
    ) async throws -> PipelineSummary {
        let ingestor = Ingestor(
            configuration: try IngestorConfiguration(besideSinkOf: configuration),
            logger: labelled("ingestor")
        )
        let sink = try SinkStage(configuration, logger: labelled("sink"))
        let board = StageBoard()
        var stages: [any Service] = [
            ingestor,
            AfterIngestor(ingestor: ingestor) { address in
                try await AddressFile(path: paths.kafkaAddress, logger: logger).publish(address) {
                    try onReady(address)
                    try await gracefulShutdown()
                }
            },
            supervised("sink", board, ingestor) { try await sink.run(bootstrap: $0) },
            unfiledTopics(board, ingestor),
        ]
        if withSource {
            let source = SourceStage(configuration, logger: labelled("source"))
            stages.append(supervised("source", board, ingestor) { try await source.run(bootstrap: $0) })
        }
        var group = ServiceGroupConfiguration(
            services: stages.map {
                .init(
                    service: $0,
                    successTerminationBehavior: .ignore,
                    failureTerminationBehavior: .gracefullyShutdownGroup
                )
            },
            gracefulShutdownSignals: StopSignals.graceful,
            logger: Logger(label: "services") { _ in SwiftLogNoOpLogHandler() }
        )
        group.maximumGracefulShutdownDuration = .seconds(60)
        try await ServiceGroup(configuration: group).run()
        return PipelineSummary(stages: board.all, sink: sink.status)
    }

    /// A stage behind the ingestor that is started again when it fails.
    private func supervised(
        _ name: String,
        _ board: StageBoard,
        _ ingestor: Ingestor,
        _ body: @escaping @Sendable (_ bootstrap: String) async throws -> Void
    ) -> AfterIngestor {
        let stage = SupervisedStage(name: name, board: board, logger: labelled(name))
        return AfterIngestor(ingestor: ingestor) { address in await stage.run { try await body(address) } }
    }

    private func unfiledTopics(_ board: StageBoard, _ ingestor: Ingestor) -> AfterIngestor {
        let topics = UnfiledTopics(
            filed: Set((configuration.connectorProperties["topics"] ?? "").split(separator: ",").map(String.init)),
            deadLetterTopic: configuration.sink.deadLetterTopic,
            logger: labelled("topics")
        )
        return supervised("topics", board, ingestor) { address in
            try await cancelWhenGracefulShutdown { try await topics.watch(bootstrap: address) }
        }
    }

    private func labelled(_ stage: String) -> Logger {
        var logger = Logger(label: stage)
        logger.logLevel = self.logger.logLevel
        return logger
    }
}
