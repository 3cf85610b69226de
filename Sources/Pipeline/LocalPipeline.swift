import Community
import ConnectRuntime
import DataSource
import HDFSSink
import Ingestor
import KafkaClient
package import Logging
import Monitoring
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
    ///   - onReady: called once, when the ingestor serves.
    /// - Returns: how the stages were when it stopped.
    /// - Throws: what the ingestor failed with, or `onReady`; wrong settings. A sink or source that fails is started
    ///   again instead.
    @discardableResult
    package func run(
        withSource: Bool,
        onReady: @escaping @Sendable (PipelineAddresses) throws -> Void
    ) async throws -> PipelineStatus {
        let monitor = Monitor(configuration.metrics)
        let ingestor = Ingestor(
            configuration: try IngestorConfiguration(besideSinkOf: configuration),
            logger: labelled("ingestor")
        )
        let sink = try SinkStage(configuration, logger: labelled("sink"))
        let storage = try configuration.storage.url == nil ? nil : configuration.storageLocation().description
        let live = LiveStatus(sink: sink, storage: storage)
        let monitoring = try await monitor?.serve(ingestor, live, logger: logger)
        var stages: [any Service] = [monitoring].compactMap { $0 }
        stages += [
            ingestor,
            AfterIngestor(ingestor: ingestor) { address in
                live.serve(PipelineAddresses(kafka: address, metrics: monitoring?.address))
                await statusFile.follow({ live.status }, logger: logger)
            },
            AfterIngestor(ingestor: ingestor) { address in
                let others = try await Array(ingestor.boundListeners.dropFirst())
                try await AddressFile(path: paths.kafkaAddress, logger: logger).publish(address) {
                    try onReady(PipelineAddresses(kafka: address, others: others, metrics: monitoring?.address))
                    try await gracefulShutdown()
                }
            },
            supervised(StageBoard.Name.sink, live.board, ingestor) { try await sink.run(bootstrap: $0) },
            unfiledTopics(live.board, ingestor),
        ]
        if withSource {
            let source = SourceStage(configuration, logger: labelled("source")) { progress in
                live.board.progressed(
                    StageBoard.Name.source,
                    records: Int64(progress.acknowledgedCount),
                    inFlight: Int64(progress.sentCount - progress.acknowledgedCount)
                )
            }
            stages.append(
                supervised(StageBoard.Name.source, live.board, ingestor) { try await source.run(bootstrap: $0) }
            )
        }
        stages.append(StopNotice(live: live))
        do {
            try await stages.runUntilStopped()
        } catch {
            live.board.failed(StageBoard.Name.ingestor, "\(error)", isFinal: true)
            statusFile.writeLast(live.stopped())
            throw error
        }
        live.board.ended(StageBoard.Name.ingestor)
        let status = live.stopped()
        statusFile.writeLast(status)
        return status
    }

    private var statusFile: StatusFile { StatusFile(path: paths.status) }

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
            filed: Set(CommunityTopic.allCases.map(\.name)),
            deadLetterTopic: configuration.sink.deadLetterTopic,
            logger: labelled("topics")
        )
        return supervised(StageBoard.Name.topics, board, ingestor) { address in
            try await cancelWhenGracefulShutdown { try await topics.watch(bootstrap: address) }
        }
    }

    private func labelled(_ stage: String) -> Logger {
        var logger = Logger(label: stage)
        logger.logLevel = self.logger.logLevel
        return logger
    }
}
