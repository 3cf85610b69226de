import Community
import DataSource
import KafkaClient
import Logging

/// The source of simulated events that `hera up` runs.
struct SourceStage: Sendable {
    private let configuration: PipelineConfiguration
    private let logger: Logger

    private let onProgress: @Sendable (SourceProgress) -> Void

    init(
        _ configuration: PipelineConfiguration,
        logger: Logger,
        onProgress: @escaping @Sendable (SourceProgress) -> Void
    ) {
        self.configuration = configuration
        self.logger = logger
        self.onProgress = onProgress
    }

    /// Sends events at the configured rate until graceful shutdown.
    func run(bootstrap: String) async throws {
        let settings = configuration.source
        var source = DataSourceConfiguration(
            community: CommunityConfiguration(seed: UInt64(settings.seed), initialSize: settings.initialSize),
            producer: ProducerConfiguration(bootstrap: [bootstrap]),
            startedAtMilliseconds: WallClock.milliseconds()
        )
        source.producer.client.clientID = "hera-source"
        source.rate = settings.rate
        let truthDirectory = PipelinePaths(data: configuration.data).truth
        source.truthDirectory = truthDirectory
        source.bootID = SourceResumption.bootID
        source.sentBefore = try await SourceResumption(
            community: source.community,
            truthDirectory: truthDirectory,
            bootID: source.bootID,
            logger: logger
        ).sentRecords(bootstrap: bootstrap)
        let events = DataSource(source, clock: ContinuousClock(), logger: logger, onProgress: onProgress)
        try await SourceService(events).run()
    }
}
