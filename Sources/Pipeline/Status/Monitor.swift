import ConnectRuntime
import CoreMetrics
import Foundation
package import Ingestor
import Logging
import Monitoring

/// Where a running pipeline, or an ingestor alone, is reached.
package struct PipelineAddresses: Sendable, Equatable {
    /// `HOST:PORT` of the ingestor: of its first listener, where it has several.
    package let kafka: String
    /// Its further listeners.
    package let others: [BoundListener]
    /// `HOST:PORT` of `/metrics` and `/health`; `nil` where they are not served.
    package let metrics: String?

    package init(kafka: String, others: [BoundListener] = [], metrics: String?) {
        self.kafka = kafka
        self.others = others
        self.metrics = metrics
    }

    /// The line on standard output that scripts wait for.
    package var readyLine: String {
        let further = others.map { " kafka.\($0.name)=\($0.address)" }.joined()
        return "ready kafka=\(kafka)" + further + (metrics.map { " metrics=\($0)" } ?? "")
    }
}

/// Serves what the programs that watch this one want to know: `/metrics`, counted by the stages with swift-metrics under
/// names of the form `hera_<stage>_<what>_<unit>`, or Kafka's where Kafka has the metric, and `/health`.
struct Monitor {
    /// What the stages of this process count, from when it is first asked for.
    static let registry: PrometheusRegistry = {
        let registry = PrometheusRegistry()
        MetricsSystem.bootstrap(registry)
        return registry
    }()

    private let address: ListenAddress
    private let registry: PrometheusRegistry

    /// `nil` where the configuration wants nothing served. What the stages count from now on is shown, so this comes
    /// before any stage is made.
    init?(_ settings: PipelineConfiguration.MetricsSettings) {
        guard let address = settings.listen.flatMap(PipelineConfiguration.MetricsSettings.address) else { return nil }
        self.address = address
        registry = Self.registry
    }

    /// Listens.
    ///
    /// - Parameters:
    ///   - ingestor: the ingestor of the process.
    ///   - live: the status of the pipeline.
    /// - Throws: `MonitoringError` where it cannot listen there.
    func serve(_ ingestor: Ingestor, _ live: LiveStatus, logger: Logger) async throws -> MonitoringServer {
        let registry = registry
        let server = try await MonitoringServer.bind(
            host: address.host,
            port: address.port,
            routes: [
                "/metrics": {
                    StatusGauges.record(live.status, registry)
                    var measured = MeasuredValues()
                    if let readings = await ingestor.readings() { measured.add(readings) }
                    return .init(contentType: PrometheusRegistry.contentType, body: registry.text + measured.text)
                },
                "/health": { Health(live.status, ingestor.state, isStopping: live.isStopping).response },
            ]
        )
        if !address.isLoopback {
            logger.warning(
                "metrics are served beyond this machine: anyone who reaches the port can read them",
                metadata: [LogKeys.address: "\(server.address)"]
            )
        }
        return server
    }
}

/// The part of a status that is measured at each scrape instead of counted when it happens.
enum StatusGauges {
    static func record(_ status: PipelineStatus, _ factory: any MetricsFactory) {
        func set(_ name: String, _ labels: [(String, String)], _ value: Int64) {
            Gauge(label: name, dimensions: labels, factory: factory).record(value)
        }
        for stage in status.stages {
            let labels = [("stage", stage.name)]
            set("hera_pipeline_stage_up", labels, stage.state == .running || stage.state == .degraded ? 1 : 0)
            set("hera_pipeline_stage_failures", labels, Int64(stage.failures))
            if let lag = stage.lag { set("hera_pipeline_stage_lag_records", labels, lag) }
        }
        for partition in status.sink?.partitions ?? [] {
            let labels = [("topic", partition.topic), ("partition", "\(partition.partition)")]
            set("hera_sink_partition_failed", labels, partition.state == .failed ? 1 : 0)
            if let lag = partition.lag { set("hera_sink_partition_lag_records", labels, lag) }
        }
    }
}
