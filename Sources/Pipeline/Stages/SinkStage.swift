import ConnectRuntime
import HDFSSink
import Logging
import Storage
import Synchronization

/// The sink of the embedded pipeline: a Connect worker that runs the HDFS sink on the local storage.
final class SinkStage: Sendable {
    private let configuration: PipelineConfiguration
    private let logger: Logger
    /// Kept over the workers' ends: one that is started again writes no letter twice.
    private let letters = WrittenLetters()
    private let latest = Mutex<SinkWorker?>(nil)

    /// - Throws: `ConfigurationError` of the connector where its settings are wrong: better now than when it runs.
    init(_ configuration: PipelineConfiguration, logger: Logger) throws {
        self.configuration = configuration
        self.logger = logger
        _ = try worker(bootstrap: "127.0.0.1:0")
    }

    /// How the worker is that began last; `nil` where none did.
    var status: SinkTaskStatus? { latest.withLock { $0?.status } }

    /// A worker that has not begun.
    func worker(bootstrap: String) throws -> SinkWorker {
        let storage = LocalFileSystem(path: PipelinePaths(data: configuration.data).storage)
        var worker = try SinkWorkerConfiguration(
            configuration.connectorProperties,
            connector: HDFSSinkConnector(storage: storage, logger: logger),
            bootstrap: [bootstrap],
            now: WallClock.moment
        )
        worker.letters = letters
        return SinkWorker(worker, logger: logger)
    }

    /// Files records until graceful shutdown.
    func run(bootstrap: String) async throws {
        let worker = try worker(bootstrap: bootstrap)
        latest.withLock { $0 = worker }
        try await worker.run()
    }
}
