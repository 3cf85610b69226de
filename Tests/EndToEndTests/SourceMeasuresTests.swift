import Foundation
import PipelineTesting
import SystemPackage
import Testing

/// `hera source perf` at the real ingestor.
@Suite(.timeLimit(.minutes(15))) struct SourceMeasuresTests {
    @Test func performanceTestMakesItsTopicMeasuresAndRemovesIt() async throws {
        try await withIngestor { bootstrap, data in
            let out = data.appending("perf").string
            let result = try await Zone.hera(
                "source",
                "perf",
                bootstrap,
                "--producers",
                "1,2",
                "--record-size",
                "100",
                "--compression",
                "none,lz4",
                "--duration",
                "500ms",
                "--warm-up",
                "200ms",
                "--partitions",
                "3",
                "--out",
                out,
                "--json"
            )
            #expect(result.status == .exited(0), "\(result.errorText)")
            let report = try #require(
                try JSONSerialization.jsonObject(with: Data(result.text.utf8)) as? [String: Any]
            )
            let steps = try #require(report["steps"] as? [[String: Any]])
            #expect(steps.count == 4)
            for step in steps {
                #expect(try #require(step["records"] as? Int) > 0, "\(step)")
                #expect(try #require(step["processorsBusy"] as? Double) > 0)
                let latency = try #require(step["latencyMilliseconds"] as? [String: Double])
                #expect(try #require(latency["p50"]) <= #require(latency["p999"]))
            }
            #expect(report["partitions"] as? Int == 3)
            #expect(report["topicLeft"] == nil)
            let topic = try #require(report["topic"] as? String)
            #expect(topic.hasPrefix("hera-perf-"))
            #expect(try await !Zone.hera("topics", "list", "--bootstrap", bootstrap).text.contains(topic))
            let page = try String(contentsOfFile: out + "/performance.html", encoding: .utf8)
            #expect(page.contains("<svg"))
            let lines = try String(contentsOfFile: out + "/performance.csv", encoding: .utf8)
            #expect(lines.split(whereSeparator: \.isNewline).count == 5)
        }
    }

    @Test func stepThatFailsEndsAtOnceAndIsTold() async throws {
        try await withIngestor { bootstrap, _ in
            // The ingestor takes no record of 10 MB, and the step would go on for minutes.
            let result = try await Zone.hera(
                "source",
                "perf",
                bootstrap,
                "--producers",
                "1",
                "--record-size",
                "10000000",
                "--warm-up",
                "9m"
            )
            #expect(result.status == .exited(1))
            #expect(result.text.contains("1 step failed; the first: cannot write a record"), "\(result.text)")
            #expect(result.text.contains("No record was acknowledged"), "\(result.text)")
            #expect(try await !Zone.hera("topics", "list", "--bootstrap", bootstrap).text.contains("hera-perf"))
        }
    }

    @Test func clusterThatIsNotThereIsSaid() async throws {
        let result = try await Zone.hera("source", "perf", "127.0.0.1:1", "--duration", "100ms", "--quiet")
        #expect(result.status == .exited(1))
        #expect(result.errorText.contains("127.0.0.1:1"), "\(result.errorText)")
        #expect(result.text == "")
    }
}
