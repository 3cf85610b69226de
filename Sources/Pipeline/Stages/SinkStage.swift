import ConnectRuntime
import HDFSSink
import Logging
import Storage

/// The sink of the embedded pipeline: a Connect worker that runs the HDFS sink on the local storage.
struct SinkStage: Sendable {
    private let configuration: PipelineConfiguration
    private let logger: Logger

    /// - Throws: `ConfigurationError` of the connector where its settings are wrong: better now than when it runs.
    init(_ configuration: PipelineConfiguration, logger: Logger) throws {
        self.configuration = configuration
        self.logger = logger
        _ = try worker(bootstrap: "127.0.0.1:0")
    }

    /// A worker that has not begun.
    func worker(bootstrap: String) throws -> SinkWorker {
        let storage = LocalFileSystem(path: PipelinePaths(data: configuration.data).storage)
        let worker = try SinkWorkerConfiguration(
            configuration.connectorProperties,
            connector: HDFSSinkConnector(storage: storage, logger: logger),
            bootstrap: [bootstrap],
            now: WallClock.moment
        )
        return SinkWorker(worker, logger: logger)
    }

    /// Files records until graceful shutdown.
    func run(bootstrap: String) async throws {
        try await worker(bootstrap: bootstrap).run()
    }
}
