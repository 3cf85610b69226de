package import DataSource
import Ingestor
package import Logging
import Monitoring
import ServiceLifecycle

/// Serves `/metrics` of a source that runs alone: what it counts, and its producers' figures by the names that Prometheus's
/// exporter of Java's clients gives them.
package struct SourceMonitor: Service {
    private let server: MonitoringServer

    /// `HOST:PORT`.
    package var address: String { server.address }

    /// Listens.
    ///
    /// - Parameters:
    ///   - listen: `HOST:PORT`, or a `PORT` of the loopback.
    ///   - clientID: the label by which the producers' figures are told apart from other clients'.
    /// - Throws: `MonitoringError` where it cannot listen there.
    package static func serve(
        at listen: String,
        _ recorder: MetricsRecorder,
        clientID: String,
        logger: Logger
    ) async throws -> SourceMonitor {
        guard let address = PipelineConfiguration.MetricsSettings.address(listen) else {
            throw MonitoringError(description: "cannot serve metrics at '\(listen)': it has to be HOST:PORT")
        }
        let registry = Monitor.registry
        let server = try await MonitoringServer.bind(
            host: address.host,
            port: address.port,
            routes: [
                "/metrics": {
                    let figures = figures(of: recorder.row, clientID: clientID)
                    return .init(contentType: PrometheusRegistry.contentType, body: registry.text + figures)
                }
            ],
            flag: "--metrics-listen"
        )
        if !address.isLoopback {
            logger.warning(
                "metrics are served beyond this machine: anyone who reaches the port can read them",
                metadata: [LogKeys.address: "\(server.address)"]
            )
        }
        return SourceMonitor(server: server)
    }

    package func run() async throws { try await server.run() }

    /// The columns that have a value, as gauges.
    static func figures(of row: MetricsRow?, clientID: String) -> String {
        var measured = MeasuredValues()
        for (column, value) in row?.filled ?? [] {
            let name = "kafka_producer_producer_metrics_" + column.rawValue.replacing("-", with: "_")
            measured.add(name, [(labels: [("client_id", clientID)], value: value)])
        }
        return measured.text
    }
}
