import CoreMetrics
import Monitoring
import Testing

@Suite struct PrometheusRegistryTests {
    private let registry = PrometheusRegistry()

    @Test func countersGaugesAndTimersAreWritten() {
        for (topic, count) in [("utenti", 2), ("premi", 40)] {
            let labels = [("topic", topic), ("api", "produce")]
            Counter(label: "hera_test_records_total", dimensions: labels, factory: registry).increment(by: count)
        }
        Gauge(label: "hera_test_connections", factory: registry).record(2.5)
        Meter(label: "hera_test_bytes", factory: registry).set(7)
        #expect(
            registry.text == """
                # TYPE hera_test_bytes gauge
                hera_test_bytes 7
                # TYPE hera_test_connections gauge
                hera_test_connections 2.5
                # TYPE hera_test_records_total counter
                hera_test_records_total{api="produce",topic="premi"} 40
                hera_test_records_total{api="produce",topic="utenti"} 2

                """
        )
    }

    @Test func timersAreHistograms() {
        let timer = Timer(label: "a_seconds", dimensions: [("b", "c")], factory: registry)
        for milliseconds in [0, 1, 2, 1500, 20_000] { timer.recordMilliseconds(milliseconds) }
        let expected = [
            "# TYPE a_seconds histogram", "a_seconds_bucket{b=\"c\",le=\"0.0005\"} 1",
            "a_seconds_bucket{b=\"c\",le=\"0.001\"} 2", "a_seconds_bucket{b=\"c\",le=\"0.0025\"} 3",
            "a_seconds_bucket{b=\"c\",le=\"1\"} 3", "a_seconds_bucket{b=\"c\",le=\"2.5\"} 4",
            "a_seconds_bucket{b=\"c\",le=\"10\"} 4", "a_seconds_bucket{b=\"c\",le=\"+Inf\"} 5",
            "a_seconds_sum{b=\"c\"} 21.503", "a_seconds_count{b=\"c\"} 5",
        ]
        let lines = registry.text.split(separator: "\n").map(String.init)
        for line in expected { #expect(lines.contains(line), "\(registry.text)") }
        #expect(lines.count == 18)
    }

    @Test func timersOfKafkaAreInMilliseconds() {
        Timer(label: "totaltimems", dimensions: [], factory: registry).recordMicroseconds(1_500)
        for line in ["totaltimems_bucket{le=\"1\"} 0", "totaltimems_bucket{le=\"2.5\"} 1", "totaltimems_sum 1.5"] {
            #expect(registry.text.contains("\n" + line + "\n"), "\(registry.text)")
        }
    }

    @Test func measuredValuesAreWritten() {
        var measured = MeasuredValues()
        let values: [(labels: [(String, String)], value: Double)] = [([("t", "x\"y"), ("p", "0")], 1), ([], 2.5)]
        measured.add("a.b", values)
        measured.add("c", [])
        #expect(
            measured.text == """
                # TYPE a_b gauge
                a_b{p="0",t="x\\"y"} 1
                a_b 2.5
                # TYPE c gauge

                """
        )
    }

    @Test func sameNameAndLabelsAreOneSeries() {
        for _ in 1...3 { Counter(label: "a_total", dimensions: [("x", "1")], factory: registry).increment() }
        #expect(registry.text == "# TYPE a_total counter\na_total{x=\"1\"} 3\n")
    }

    @Test(arguments: [
        ("a b-c.d", "a_b_c_d"), ("1a", "_1a"), ("é", "_"), ("", "_"), ("x:y", "x:y"),
    ])
    func namesAreMadePrometheus(label: String, expected: String) {
        Counter(label: label, factory: registry).increment()
        #expect(registry.text.hasSuffix("\n\(expected) 1\n"), "\(registry.text)")
    }

    @Test func labelsFromOutsideCannotBreakALine() {
        Counter(label: "a_total", dimensions: [("t", "q\"b\\n\nx 5")], factory: registry).increment()
        #expect(registry.text == "# TYPE a_total counter\na_total{t=\"q\\\"b\\\\n\\nx 5\"} 1\n")
    }

    @Test func seriesBeyondTheLimitAreNotShown() {
        let registry = PrometheusRegistry(seriesMax: 2)
        for name in ["a", "b", "c"] { Counter(label: name, factory: registry).increment() }
        #expect(registry.text == "# TYPE a counter\na 1\n# TYPE b counter\nb 1\n")
    }

    @Test func otherKindOfAKnownNameIsNotShown() {
        Counter(label: "a", factory: registry).increment()
        Gauge(label: "a", factory: registry).record(9)
        #expect(registry.text == "# TYPE a counter\na 1\n")
    }

    @Test(arguments: [(Double.nan, "NaN"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (-3, "-3"), (1e300, "1e+300")])
    func numbersAreWrittenAsPrometheusReadsThem(value: Double, expected: String) {
        Gauge(label: "g", factory: registry).record(value)
        #expect(registry.text.hasSuffix("g \(expected)\n"))
    }

    @Test func countingFromManyTasksLosesNothing() async {
        let counter = Counter(label: "a_total", factory: registry)
        await withTaskGroup(of: Void.self) { tasks in
            for _ in 0..<8 {
                tasks.addTask { for _ in 0..<1000 { counter.increment() } }
            }
        }
        #expect(registry.text.hasSuffix("a_total 8000\n"))
    }
}
