package import Ingestor
package import Logging
import Monitoring
import ServiceLifecycle

/// The ingestor of one machine alone, in one process.
package struct LocalIngestor: Sendable {
    private let configuration: IngestorConfiguration
    private let metrics: PipelineConfiguration.MetricsSettings
    private let logger: Logger

    package init(
        _ configuration: IngestorConfiguration,
        metrics: PipelineConfiguration.MetricsSettings,
        logger: Logger
    ) {
        self.configuration = configuration
        self.metrics = metrics
        self.logger = logger
    }

    /// Runs until SIGINT, SIGTERM or SIGHUP.
    ///
    /// - Parameter onReady: called once, when it serves.
    /// - Throws: what the ingestor failed with, or `onReady`.
    package func run(onReady: @escaping @Sendable (PipelineAddresses) throws -> Void) async throws {
        let live = LiveStatus(sink: nil)
        let monitor = Monitor(metrics)
        let ingestor = Ingestor(configuration: configuration, logger: logger)
        let monitoring = try await monitor?.serve(ingestor, live, logger: logger)
        let announcement = AfterIngestor(ingestor: ingestor) { address in
            let others = try await Array(ingestor.boundListeners.dropFirst())
            let addresses = PipelineAddresses(kafka: address, others: others, metrics: monitoring?.address)
            live.serve(addresses)
            try onReady(addresses)
            try await gracefulShutdown()
        }
        let services: [(any Service)?] = [monitoring, ingestor, announcement, StopNotice(live: live)]
        try await services.compactMap { $0 }.runUntilStopped()
    }
}

/// Notes that the services of a group are asked to stop; as the last of them it is asked first.
struct StopNotice: Service {
    let live: LiveStatus

    func run() async throws {
        // It throws where the task is cancelled, which is an end as well.
        try? await gracefulShutdown()
        live.stopping()
    }
}

/// A stage that needs the ingestor's address: it begins when that is known.
struct AfterIngestor: Service {
    let ingestor: Ingestor
    /// The stage, until graceful shutdown.
    let stage: @Sendable (_ bootstrap: String) async throws -> Void

    func run() async throws {
        let address: ListenAddress
        do {
            address = try await ingestor.boundAddress
        } catch {
            // The ingestor's service reports the error; do not report it twice.
            return
        }
        try await stage(address.description)
    }
}

extension [any Service] {
    /// Runs these services until a signal asks them to stop, last first, or one of them fails. One that ends by itself
    /// ends no other.
    func runUntilStopped() async throws {
        var group = ServiceGroupConfiguration(
            services: map {
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
    }
}
