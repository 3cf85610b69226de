import ConnectAPI
import ConnectRuntime
import HDFSSink
import Logging
import Storage
import Synchronization

/// The sink of the embedded pipeline: runs a task of the HDFS sink on the pipeline's storage.
final class SinkStage: Sendable {
    private let configuration: PipelineConfiguration
    private let storage: any FileSystem
    private let logger: Logger
    /// Shared by successive runners, so that a restarted one writes no letter twice.
    private let letters = WrittenLetters()
    private let latest = Mutex<SinkTaskRunner?>(nil)

    /// - Parameter storage: where the files lie; `nil`: where the configuration says.
    /// - Throws: `ConfigurationError` of the connector where its settings are wrong, `StorageError` where those of the
    ///   storage are, so that it fails before it runs.
    init(_ configuration: PipelineConfiguration, storage: (any FileSystem)? = nil, logger: Logger) throws {
        self.configuration = configuration
        self.storage = try storage ?? configuration.fileSystem()
        self.logger = logger
        _ = try runner(bootstrap: "127.0.0.1:0")
    }

    /// The status of the latest runner; `nil` before the first.
    var status: SinkTaskStatus? { latest.withLock { $0?.status } }

    /// A new runner.
    func runner(bootstrap: String) throws -> SinkTaskRunner {
        var runner = try SinkTaskRunnerConfiguration(
            configuration.connectorProperties,
            connector: HDFSSinkConnector(storage: storage, logger: logger),
            plugins: .builtIn,
            bootstrap: [bootstrap],
            now: WallClock.moment
        )
        runner.letters = letters
        return SinkTaskRunner(runner, logger: logger)
    }

    /// Files records until graceful shutdown.
    func run(bootstrap: String) async throws {
        let runner = try runner(bootstrap: bootstrap)
        latest.withLock { $0 = runner }
        try await runner.run()
    }
}
