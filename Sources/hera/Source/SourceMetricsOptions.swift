import ArgumentParser
import DataSource
import KafkaClient
import Logging
import Pipeline

/// The flags of a source's metrics.
struct SourceMetricsOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Append a row of the producers' metrics to this CSV file now and then, with the original's columns.",
            valueName: "file"
        )
    )
    var metrics: String?

    @Option(help: ArgumentHelp("From one row of metrics to the next: 100ms to 24h.", valueName: "time"))
    var metricsInterval = TimeSpan.seconds(30)

    @Option(
        help: ArgumentHelp(
            "Where to serve the same figures at /metrics for Prometheus; port 0 takes a free one.",
            valueName: "host:port"
        )
    )
    var metricsListen: String?

    var isAsked: Bool { metrics != nil || metricsListen != nil }

    func validate() throws {
        try TextRule.path.check("--metrics", metrics)
        try Setting.check("--metrics-listen", metricsListen, as: "metrics.listen")
        try Limits.metricsIntervals.check("--metrics-interval", metricsInterval.value)
    }

    /// What makes the rows; `nil` where nobody asks for them.
    func recorder() throws -> MetricsRecorder? {
        isAsked ? try MetricsRecorder(path: metrics, interval: metricsInterval.value) : nil
    }

    /// Serves them from now on; `nil` where that is not asked for.
    func serve(_ configuration: DataSourceConfiguration, logger: Logger) async throws -> SourceMonitor? {
        guard let metricsListen, let recorder = configuration.metrics else { return nil }
        return try await SourceMonitor.serve(
            at: metricsListen,
            recorder,
            clientID: configuration.producer.client.clientID,
            logger: logger
        )
    }
}
