import DataSource
import Testing

@testable import Pipeline

/// A source's figures for Prometheus.
@Suite struct SourceMonitorTests {
    @Test func columnsThatHaveAValueAreGauges() {
        var row = MetricsRow()
        row[.recordSendRate] = 1_234.5
        row[.connectionCount] = 2
        #expect(
            SourceMonitor.figures(of: row, clientID: "hera\"x") == """
                # TYPE kafka_producer_producer_metrics_connection_count gauge
                kafka_producer_producer_metrics_connection_count{client_id="hera\\"x"} 2
                # TYPE kafka_producer_producer_metrics_record_send_rate gauge
                kafka_producer_producer_metrics_record_send_rate{client_id="hera\\"x"} 1234.5

                """
        )
        #expect(SourceMonitor.figures(of: nil, clientID: "hera") == "")
    }
}
