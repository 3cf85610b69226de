import Foundation
import PipelineTesting
import SystemPackage
import Testing

/// `hera up` as its users meet it: events go in with kcat, files come out, the books balance, and go on after a stop.
@Suite(.timeLimit(.minutes(20))) struct UpTests {
    static let event =
        #"{"id_utente": "HE_7", "Partner_erogante": "HERA", "comportamento": "Autolettura consumo gas", "reward(tk)": 1.6}"#

    /// Sends lines with kcat, keyed by what stands before the first tab.
    private func send(_ lines: [String], to topic: String, at address: String) async throws {
        let result = try await runProgram(
            BuiltPackage.systemProgram("kcat"),
            arguments: ["-b", address, "-P", "-t", topic, "-K", "\t", "-Z"],
            input: Array((lines.joined(separator: "\n") + "\n").utf8)
        )
        try #require(result.status.isSuccess, "\(result.errorText)")
    }

    @Test func eventOfAPartnerIsInAFileWithinAMinute() async throws {
        try await withTemporaryDirectory { data in
            let zone = Zone(data: data)
            let (process, status) = try await zone.whileUp { process, address in
                try await send(["HE_7\t" + Self.event], to: "comportamenti", at: address)
                try await filed("comportamenti", by: process)
                #expect(try zone.lines(of: "comportamenti") == [Substring(Self.event)])
                return process
            }
            #expect(status == .exited(0))
            let summary = process.errorOutput.soFar.first { $0.hasPrefix("stopped after ") }
            #expect(summary?.contains(": 1 records read, 1 for files") == true, "\(summary ?? "")")
        }
    }

    /// Of 75 events in one partition the sink files 50, since so many are due, and holds the others when it is stopped.
    @Test func stopFilesWhatTheSinkHasRead() async throws {
        try await withTemporaryDirectory { data in
            let zone = Zone(data: data)
            let arguments = ["ingestor", "--data", data.string, "--listen", "127.0.0.1:0"]
            try await withProcess(BuiltPackage.program(), arguments: arguments) { ingestor in
                // All events are there before the sink begins, so that it reads them at once.
                let address = try await ingestor.waitForLine("ready kafka=").dropFirst("ready kafka=".count)
                let events = (0..<75).map { "same key\t" + Self.event.replacing("HE_7", with: "HE_\($0)") }
                try await send(events, to: "comportamenti", at: String(address))
                ingestor.kill(SIGTERM)
                #expect(try await ingestor.waitForExit() == .exited(0))
            }
            let status = try await zone.whileUp(["HERA_SINK_FLUSH_SIZE": "50"]) { process, _ in
                try await filed("comportamenti", by: process)
            }.status
            #expect(status == .exited(0))
            #expect(Set(try zone.lines(of: "comportamenti")).count == 75)
            #expect(try zone.linesByPartition().map(\.value) == [75], "no temporary file, each event once")
        }
    }

    @Test func nextStartGoesOnWhereTheLastStopped() async throws {
        try await withTemporaryDirectory { data in
            let zone = Zone(data: data)
            for round in 1...3 {
                let events = (0..<50).map { "HE_\($0)\t" + Self.event.replacing("HE_7", with: "HE_\(round)_\($0)") }
                let status = try await zone.whileUp { _, address in
                    try await send(events, to: "comportamenti", at: address)
                    let audit = try await Zone.hera("audit", "--data", data.string)
                    #expect(audit.status == .exited(0), "in flight is allowed: \(audit.text)\(audit.errorText)")
                }.status
                #expect(status == .exited(0))
            }
            // The last events of a round may not have been read before the stop; the next start files them.
            _ = try await zone.whileUp { process, _ in
                try await zone.untilAllIsFiled(by: process)
            }
            let lines = try zone.lines(of: "comportamenti")
            #expect(lines.count == 150)
            #expect(Set(lines).count == 150, "each once")
            #expect(zone.files.allSatisfy { !$0.contains("+tmp") }, "no temporary file: \(zone.files)")
        }
    }

    @Test func auditNamesTheFileThatLostALine() async throws {
        try await withTemporaryDirectory { data in
            let zone = Zone(data: data)
            _ = try await zone.whileUp { process, address in
                try await send((0..<20).map { "HE_\($0)\t" + Self.event }, to: "comportamenti", at: address)
                try await zone.untilAllIsFiled(by: process)
            }
            let sound = try await Zone.hera("audit", "--data", data.string)
            #expect(sound.status == .exited(0), "\(sound.text)\(sound.errorText)")

            let name = try #require(zone.files.first { $0.hasPrefix("comportamenti/") })
            let path = data.appending("storage/HeraSDG/raw_data").appending(name).string
            let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
            try (lines.dropFirst().joined(separator: "\n") + "\n").write(
                toFile: path,
                atomically: false,
                encoding: .utf8
            )

            let broken = try await Zone.hera("audit", "--data", data.string)
            #expect(broken.status == .exited(1))
            #expect((broken.text + broken.errorText).contains(name), "\(broken.text)\(broken.errorText)")
        }
    }

    @Test func auditMissesTheWholeStorage() async throws {
        try await withTemporaryDirectory { data in
            let zone = Zone(data: data)
            _ = try await zone.whileUp { process, address in
                try await send((0..<20).map { "HE_\($0)\t" + Self.event }, to: "comportamenti", at: address)
                try await zone.untilAllIsFiled(by: process)
            }
            try FileManager.default.removeItem(atPath: data.appending("storage").string)
            let audit = try await Zone.hera("audit", "--data", data.string)
            #expect(audit.status == .exited(1), "\(audit.text)\(audit.errorText)")
            #expect(audit.text.contains("comportamenti"), "\(audit.text)")
        }
    }

    @Test func statusAndMetricsTellOfTheStages() async throws {
        try await withTemporaryDirectory { data in
            let none = try await Zone.hera("status", "--data", data.string)
            #expect(none.status == .exited(1))
            #expect(none.errorText.contains("no pipeline has written a status"), "\(none.errorText)")
            let zone = Zone(data: data)
            _ = try await zone.whileUp(["HERA_METRICS_LISTEN": "0", "HERA_INGESTOR_FLUSH": "always"]) {
                process,
                address in
                try await send(["HE_7\t" + Self.event], to: "comportamenti", at: address)
                try await filed("comportamenti", by: process)
                let ready = try #require(process.output.soFar.first { $0.hasPrefix("ready kafka=") })
                let metrics = try #require(ready.split(separator: " metrics=").last)
                let pages = try await [
                    runProgram(BuiltPackage.systemProgram("curl"), arguments: ["-sS", "http://\(metrics)/metrics"]),
                    runProgram(BuiltPackage.systemProgram("curl"), arguments: ["-sSf", "http://\(metrics)/health"]),
                ]
                #expect(pages[0].text.contains("hera_pipeline_stage_up{stage=\"sink\"} 1\n"), "\(pages[0].text)")
                let counted = [
                    "hera_sink_delivered_records_total 1\n", "hera_ingestor_appended_batches_total 1\n",
                    "kafka_network_requestmetrics_requests_total{request=\"Produce\"} 1\n",
                    "kafka_network_requestmetrics_totaltimems_count{request=\"Produce\"} 1\n",
                    "kafka_server_socket_server_metrics_connection_count{listener=\"PLAINTEXT\"} ",
                    "kafka_log_log_logendoffset{partition=\"0\",topic=\"utenti\"} 0\n",
                    "kafka_controller_kafkacontroller_activecontrollercount 1\n",
                    "hera_log_flush_seconds_count ",
                ]
                for line in counted { #expect(pages[0].text.contains("\n" + line), "\(pages[0].text)") }
                #expect(pages[1].text.contains("\"state\":\"READY\""), "\(pages[1].text)")
                let status = try await Zone.hera("status", "--data", data.string)
                #expect(status.status == .exited(0), "\(status.errorText)")
                #expect(status.text.contains("ingestor  running at \(address)"), "\(status.text)")
                #expect(status.text.contains("http://\(metrics)/metrics"), "\(status.text)")
            }
            let stopped = try await Zone.hera("status", "--data", data.string, "--json")
            #expect(stopped.status == .exited(0))
            #expect(stopped.text.contains("\"freshness\" : \"STOPPED\""), "\(stopped.text)")
        }
    }

    @Test func secondPipelineOnTheSameDirectoryIsRefused() async throws {
        try await withTemporaryDirectory { data in
            let zone = Zone(data: data)
            _ = try await zone.whileUp { _, _ in
                let second = try await Zone.hera("up", "--no-source", "--data", data.string, "--listen", "127.0.0.1:0")
                #expect(second.status == .exited(1))
                #expect(second.errorText.contains(data.string), "\(second.errorText)")
            }
        }
    }

    @Test func simulatedSourceFeedsThePipelineAndGoesOnAfterAStop() async throws {
        try await withTemporaryDirectory { data in
            let zone = Zone(data: data)
            let environment = ["HERA_SOURCE_INITIAL_SIZE": "50", "HERA_SINK_VISIBLE_WITHIN_MILLISECONDS": "300"]
            for _ in 1...2 {
                let arguments = ["up", "--data", data.string, "--listen", "127.0.0.1:0"]
                try await withProcess(BuiltPackage.program(), arguments: arguments, environment: environment) {
                    process in
                    _ = try await process.waitForLine("ready kafka=")
                    try await filed("comportamenti", by: process)
                    process.kill(SIGINT)
                    #expect(try await process.waitForExit() == .exited(0))
                }
                let audit = try await Zone.hera("audit", "--data", data.string)
                #expect(audit.status == .exited(0), "\(audit.text)\(audit.errorText)")
            }
            let users = try zone.lines(of: "utenti")
            #expect(!users.isEmpty)
            #expect(Set(users).count == users.count, "the second start goes on, it does not begin anew")
        }
    }

    /// Waits until the pipeline says that it filed records of a topic.
    private func filed(_ topic: String, by process: ProgramProcess) async throws {
        for await line in process.errorOutput where line.contains("filed ") && line.contains("=\(topic)-") { return }
        Issue.record("the pipeline ended before it filed \(topic)")
    }
}
