import Foundation
import PipelineTesting
import SystemPackage
import Testing

/// Kafka Connect's own workers in distributed mode keep connectors, offsets and status in topics of the ingestor, share
/// their work by its groups, and move lines from file to file through it.
@Suite(.timeLimit(.minutes(20)), .serialized) struct ConnectDistributedTests {
    private static let count = 100_000

    /// Nothing dies, so every count is exact.
    @Test func offsetsAreChangedOverREST() async throws {
        try await withHome { home, ingestor in
            try await ingestor.run(stopping: SIGTERM) { _ in
                try await makeTopic(at: ingestor.bootstrap)
                try home.append(0..<Self.count)
                try await ConnectWorker.run(at: ingestor.bootstrap, home: home) { worker in
                    try await changeOffsets(worker, home, ingestor.bootstrap)
                }
            }
        }
    }

    private func changeOffsets(_ worker: ConnectWorker, _ home: ConnectHome, _ bootstrap: String) async throws {
        try await home.withOutput { output in
            try await worker.request("POST", "/connectors", home.source)
            try await worker.request("POST", "/connectors", home.sink)
            try await output.wait(forCount: Self.count)
            #expect(try output.lines == Array(0..<Self.count))

            var expected = Self.count
            try await change("lines-sink", of: worker, "PATCH", offsets(topicOffset: Self.count - 10_000))
            expected += 10_000
            try await output.wait(forCount: expected)
            try await change("lines-sink", of: worker, "DELETE")
            expected += Self.count
            try await output.wait(forCount: expected)
            // The last 5,000 lines have five digits and a line break each.
            let size = try #require(FileManager.default.attributesOfItem(atPath: home.input.string)[.size] as? Int)
            try await change("lines-source", of: worker, "PATCH", offsets(of: home.input, position: size - 5_000 * 6))
            expected += 5_000
            try await output.wait(forCount: expected)
            try await change("lines-source", of: worker, "DELETE")
            expected += Self.count
            try await output.wait(forCount: expected)
            let read = try await lines(at: bootstrap)
            #expect(read == Array(0..<Self.count) + Array(Self.count - 5_000..<Self.count) + Array(0..<Self.count))
            #expect(try output.lines.count == expected)
        }
    }

    /// An idempotent producer of a worker that lives sends again what was not acknowledged, and nothing twice. Of two workers
    /// the one that is back first would begin the other's task anew, from what that had noted down.
    @Test func theIngestorDiesThriceBeneathAWorker() async throws {
        try await withHome { home, ingestor in
            try await ingestor.run(stopping: SIGTERM) { _ in try await makeTopic(at: ingestor.bootstrap) }
            try await home.withOutput { output in
                try await ingestor.run(stopping: SIGKILL) { first in
                    try await ConnectWorker.run(at: ingestor.bootstrap, home: home) { worker in
                        try await worker.request("POST", "/connectors", home.source)
                        try await worker.request("POST", "/connectors", home.sink)
                        try home.append(0..<25_000)
                        try await output.wait(forLine: 1_000)
                        first.kill(SIGKILL)
                        _ = try await first.waitForExit()
                        for life in 1...3 {
                            try await ingestor.run(stopping: life < 3 ? SIGKILL : SIGTERM) { _ in
                                let start = life * 25_000
                                try home.append(start..<start + 25_000)
                                try await output.wait(forLine: life < 3 ? start + 1_000 : Self.count - 1)
                                if life == 3 {
                                    let read = try await lines(at: ingestor.bootstrap)
                                    try expectNothingLost(read)
                                    #expect(read.count == Self.count)
                                }
                            }
                        }
                    }
                }
                try expectNothingLost(try output.lines)
            }
        }
    }

    /// A worker that dies takes what it had not noted down with it: its successor sends that again. Nothing is left out.
    @Test func everythingDiesThrice() async throws {
        try await withHome { home, ingestor in
            try await ingestor.run(stopping: SIGTERM) { _ in try await makeTopic(at: ingestor.bootstrap) }
            try await home.withOutput { output in
                for life in 0..<3 {
                    try await ingestor.run(stopping: SIGKILL) { _ in
                        try await withTwoWorkers(home, ingestor) { one, other in
                            if life == 0 {
                                try await one.request("POST", "/connectors", home.source)
                                try await one.request("POST", "/connectors", home.sink)
                            }
                            let start = life * 30_000
                            try home.append(start..<start + 20_000)
                            try await output.wait(forLine: start + 1_000)
                            try await (isBusy(one) ? one : other).kill()
                            try home.append(start + 20_000..<start + 30_000)
                            try await output.wait(forLine: start + 21_000)
                        }
                    }
                }
                try await ingestor.run(stopping: SIGTERM) { _ in
                    try await ConnectWorker.run(at: ingestor.bootstrap, home: home) { _ in
                        try home.append(90_000..<Self.count)
                        try await output.wait(forLine: Self.count - 1)
                    }
                    try expectNothingLost(try await lines(at: ingestor.bootstrap))
                }
                try expectNothingLost(try output.lines)
            }
        }
    }

    // MARK: - Parts

    private func withHome(_ body: (ConnectHome, CrashingIngestor) async throws -> Void) async throws {
        try await withTemporaryDirectory { (directory) async throws in
            var generator = SeededGenerator(seed: .random(in: 0...UInt64.max))
            let home = try await ConnectHome(in: directory)
            try await body(home, CrashingIngestor(data: directory.appending("data"), using: &generator))
        }
    }

    private func withTwoWorkers(
        _ home: ConnectHome,
        _ ingestor: CrashingIngestor,
        _ body: (ConnectWorker, ConnectWorker) async throws -> Void
    ) async throws {
        try await ConnectWorker.run(at: ingestor.bootstrap, home: home) { one in
            try await ConnectWorker.run(at: ingestor.bootstrap, home: home) { other in
                try await body(one, other)
            }
        }
    }

    /// Whether the source's task runs on this worker.
    private func isBusy(_ worker: ConnectWorker) async throws -> Bool {
        struct Status: Decodable {
            struct Task: Decodable {
                let worker: String

                private enum CodingKeys: String, CodingKey { case worker = "worker_id" }
            }
            let tasks: [Task]
        }
        let text = try await worker.request("GET", "/connectors/lines-source/status")
        let status = try JSONDecoder().decode(Status.self, from: Data(text.utf8))
        return status.tasks.contains { $0.worker == worker.address }
    }

    private func makeTopic(at bootstrap: String) async throws {
        try await Peer.confluent.create([ConnectHome.topic], partitions: 1, at: bootstrap)
    }

    /// Stops a connector, changes its offsets, and lets it go on.
    private func change(_ connector: String, of worker: ConnectWorker, _ method: String, _ body: String? = nil)
        async throws
    {
        try await worker.request("PUT", "/connectors/\(connector)/stop")
        try await worker.request(method, "/connectors/\(connector)/offsets", body)
        try await worker.request("PUT", "/connectors/\(connector)/resume")
    }

    private func offsets(topicOffset: Int) -> String {
        """
        {"offsets": [{"partition": {"kafka_topic": "\(ConnectHome.topic)", "kafka_partition": 0},
        "offset": {"kafka_offset": \(topicOffset)}}]}
        """
    }

    private func offsets(of file: FilePath, position: Int) -> String {
        #"{"offsets": [{"partition": {"filename": "\#(file)"}, "offset": {"position": \#(position)}}]}"#
    }

    /// Every line of the topic.
    private func lines(at bootstrap: String) async throws -> [Int] {
        let result = try await runProgram(
            BuiltPackage.systemProgram("kcat"),
            arguments: ["-C", "-e", "-q", "-o", "beginning", "-b", bootstrap, "-t", ConnectHome.topic]
        )
        try #require(result.status == .exited(0), "kcat: \(result.errorText)")
        return try result.text.split(separator: "\n").map { try #require(Int($0), "a record is '\($0)'") }
    }

    /// Each line is there, and none comes before the one that is before it in the file.
    private func expectNothingLost(_ lines: [Int]) throws {
        var next = 0
        for (index, line) in lines.enumerated() {
            try #require(line <= next, "the line at \(index) is \(line), and \(next) has not come")
            next = max(next, line + 1)
        }
        #expect(next == Self.count)
    }
}
