import Foundation
import PipelineTesting
import SystemPackage
import Testing

/// `hera source perf` and the metrics of `hera source`, at the real ingestor.
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

    @Test func testThatIsStoppedRemovesItsTopic() async throws {
        try await withIngestor { bootstrap, _ in
            let arguments = ["source", "perf", bootstrap, "--producers", "1,2", "--warm-up", "4m"]
            try await withProcess(try BuiltPackage.program(), arguments: arguments) { test in
                // Each list is asked for and answered anew.
                while try await !Zone.hera("topics", "list", "--bootstrap", bootstrap).text.contains("hera-perf-") {}
                test.kill(SIGINT)
                #expect(try await test.waitForExit() == .exited(0))
                #expect(try await test.waitForLine("The test was stopped: 2 steps not measured.") != "")
            }
            #expect(try await !Zone.hera("topics", "list", "--bootstrap", bootstrap).text.contains("hera-perf-"))
        }
    }

    @Test func placeThatCannotBeIsSaidBeforeAnythingIsMeasured() async throws {
        let result = try await Zone.hera("source", "perf", "127.0.0.1:1", "--out", "/dev/null/perf")
        #expect(result.status == .exited(1))
        #expect(result.errorText.contains("choose another directory with --out"), "\(result.errorText)")
    }

    @Test func clusterThatIsNotThereIsSaid() async throws {
        let result = try await Zone.hera("source", "perf", "127.0.0.1:1", "--duration", "100ms", "--quiet")
        #expect(result.status == .exited(1))
        #expect(result.errorText.contains("127.0.0.1:1"), "\(result.errorText)")
        #expect(result.text == "")
    }

    @Test func sourceAppendsARowForItsEndToTheOriginalsFile() async throws {
        try await withIngestor { bootstrap, data in
            let path = data.appending("metrics.csv").string
            for rows in 1...2 {
                let result = try await Zone.hera(
                    "source",
                    bootstrap,
                    "50",
                    "--count",
                    "100",
                    "--metrics",
                    path,
                    "--json",
                    "--quiet"
                )
                #expect(result.status == .exited(0), "\(result.errorText)")
                let lines = try String(contentsOfFile: path, encoding: .utf8).split(whereSeparator: \.isNewline)
                #expect(lines.count == 1 + rows)
                #expect(lines[0].hasPrefix("connection-close-rate,connection-creation-rate,select-rate,"))
                #expect(lines.allSatisfy { $0.split(separator: ",", omittingEmptySubsequences: false).count == 34 })
            }
        }
    }

    @Test func anotherFileIsRefusedBeforeAnythingIsSent() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory.appending("notes.txt").string
            try "my notes\n".write(toFile: path, atomically: true, encoding: .utf8)
            let result = try await Zone.hera("source", "127.0.0.1:1", "5", "--count", "0", "--metrics", path)
            #expect(result.status == .exited(1))
            #expect(result.errorText.contains("is not a file of the source's metrics"), "\(result.errorText)")
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "my notes\n")
        }
    }

    @Test func metricsAreServedWhileItSends() async throws {
        try await withIngestor { bootstrap, _ in
            let arguments = [
                "source", bootstrap, "10", "--rate", "100", "--metrics-listen", "127.0.0.1:0", "--metrics-interval",
                "100ms",
            ]
            try await withProcess(try BuiltPackage.program(), arguments: arguments) { source in
                let line = try await source.waitForLine("metrics at ", of: source.errorOutput)
                let url = String(line.dropFirst("metrics at ".count))
                let curl = try BuiltPackage.systemProgram("curl")
                var page = ""
                // Each request is answered with what is known then; the first row comes within a second.
                repeat {
                    page = try await runProgram(curl, arguments: ["--silent", "--show-error", url]).text
                } while !page.contains("kafka_producer_producer_metrics_record_send_rate")
                #expect(page.contains("kafka_producer_producer_metrics_record_send_rate{client_id=\"hera-source\"} "))
                #expect(page.contains("hera_source_acknowledged_records_total "))
                source.kill(SIGTERM)
                #expect(try await source.waitForExit() == .exited(0))
            }
        }
    }
}
