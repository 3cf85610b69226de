import Ingestor
import Monitoring
import Testing

@testable import ConnectRuntime
@testable import Pipeline

@Suite struct MonitorTests {
    private func status(_ stages: [PipelineStatus.Stage], kafka: String? = "127.0.0.1:1") -> PipelineStatus {
        PipelineStatus(startedAtMilliseconds: 0, updatedAtMilliseconds: 0, kafka: kafka, stages: stages)
    }

    @Test func statusIsShownAsGauges() {
        let registry = PrometheusRegistry()
        StatusGauges.record(status([.init(name: "sink", state: .running, lag: 7, failures: 2)]), registry)
        #expect(registry.text.contains("hera_pipeline_stage_up{stage=\"sink\"} 1\n"))
        #expect(registry.text.contains("hera_pipeline_stage_failures{stage=\"sink\"} 2\n"))
        #expect(registry.text.contains("hera_pipeline_stage_lag_records{stage=\"sink\"} 7\n"))
    }

    @Test(arguments: [
        ("9464", "127.0.0.1:9464" as String?), ("0.0.0.0:0", "0.0.0.0:0"), ("[::1]:1", "[::1]:1"), ("70000", nil),
        ("x", nil),
    ])
    func portAloneMeansTheLoopback(text: String, expected: String?) {
        #expect(PipelineConfiguration.MetricsSettings.address(text)?.description == expected)
        #expect((TextRule.metricsAddress.problem(text) == nil) == (expected != nil))
    }

    @Test func readyLineNamesWhatIsServed() {
        #expect(PipelineAddresses(kafka: "a:1", metrics: nil).readyLine == "ready kafka=a:1")
        #expect(PipelineAddresses(kafka: "a:1", metrics: "b:2").readyLine == "ready kafka=a:1 metrics=b:2")
        let other = BoundListener(name: "external", address: ListenAddress(host: "::1", port: 3))
        #expect(
            PipelineAddresses(kafka: "a:1", others: [other], metrics: "b:2").readyLine
                == "ready kafka=a:1 kafka.external=[::1]:3 metrics=b:2"
        )
    }
}
