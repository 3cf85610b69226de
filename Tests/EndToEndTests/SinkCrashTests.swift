import Foundation
import PipelineTesting
import SystemPackage
import Testing

/// The sink under load, killed at random moments: every record is filed exactly once, without an operator.
@Suite(.timeLimit(.minutes(20))) struct SinkCrashTests {
    /// How often it is killed.
    static let kills = 20
    /// So many lines of the log, each telling of a commit, pass at most before a kill.
    static let commitsBeforeKillMax = 8
    static let users = 20_000
    static let records = 500_000

    /// With fewer records than this a start could file everything before it has told of the commits that are waited for.
    static let recordsWorthWaiting = 20_000

    /// Small commits, so that a kill falls into the middle of one, and so many that there is work left for the last kill.
    static let environment = ["HERA_SINK_FLUSH_SIZE": "100"]

    @Test(arguments: Seeds.chosen([20_261_122]))
    func everyRecordIsFiledOnceWhateverTheMomentOfTheKill(seed: UInt64) async throws {
        try await withSeed(seed) { generator in
            try await withTemporaryDirectory { data in
                let zone = Zone(data: data)
                try await fill(data)
                var killsAtWork = 0
                for _ in 1...Self.kills {
                    let commits = Int.random(in: 0...Self.commitsBeforeKillMax, using: &generator)
                    let isAtWork = try recordsLeft(in: zone) >= Self.recordsWorthWaiting
                    try await kill(zone, afterCommits: isAtWork ? commits : 0)
                    killsAtWork += isAtWork ? 1 : 0
                }
                #expect(killsAtWork >= Self.kills / 2, "the sink was faster than the kills: give it more records")
                let status = try await zone.whileUp { process, _ in
                    try await zone.untilAllIsFiled(by: process)
                }.status
                #expect(status == .exited(0))
                try await judge(zone)
                try expectEveryRecord(in: zone)
            }
        }
    }

    /// Puts records into the topics, with the ground truth beside them.
    private func fill(_ data: FilePath) async throws {
        let arguments = ["ingestor", "--data", data.string, "--listen", "127.0.0.1:0"]
        try await withProcess(BuiltPackage.program(), arguments: arguments) { ingestor in
            let address = try await ingestor.waitForLine("ready kafka=").dropFirst("ready kafka=".count)
            let source = try await Zone.hera(
                "source",
                String(address),
                "\(Self.users)",
                "--count",
                "\(Self.records - 6 * Self.users)",
                "--quiet",
                "--truth",
                data.appending("truth").string
            )
            try #require(source.status.isSuccess, "\(source.errorText)")
            ingestor.kill(SIGTERM)
            #expect(try await ingestor.waitForExit() == .exited(0))
        }
    }

    /// Starts the pipeline on what is there, and kills it when it has told of so many commits. What it does between the
    /// line and the signal, and in the partitions the line does not speak of, is chance.
    private func kill(_ zone: Zone, afterCommits commits: Int) async throws {
        let arguments = ["up", "--no-source", "--data", zone.data.string, "--listen", "127.0.0.1:0"]
        try await withProcess(BuiltPackage.program(), arguments: arguments, environment: Self.environment) { process in
            _ = try await process.waitForLine("ready kafka=")
            var seen = 0
            if commits > 0 {
                for await line in process.errorOutput where line.contains("filed ") {
                    seen += 1
                    if seen == commits { break }
                }
                #expect(seen == commits, "\(process.errorOutput.soFar.suffix(20))")
            }
            process.kill(SIGKILL)
            #expect(try await process.waitForExit() == .signaled(SIGKILL))
        }
    }

    /// How many offsets no visible file has yet, counting those of the few records without content between two files.
    private func recordsLeft(in zone: Zone) throws -> Int {
        try zone.files.filter { !$0.contains("+tmp") }.reduce(Self.records) { left, path in
            left - (try Zone.name(of: path).offsets.count)
        }
    }

    private func judge(_ zone: Zone) async throws {
        let audit = try await Zone.hera("audit", "--data", zone.data.string)
        #expect(audit.status == .exited(0), "\(audit.text)\(audit.errorText)")
        #expect(zone.files.allSatisfy { !$0.contains("+tmp") }, "no temporary file is left")

        // Beside the audit, which is ours: each offset is in the range of one file at most.
        var ranges: [String: [ClosedRange<Int64>]] = [:]
        for path in zone.files {
            let name = try Zone.name(of: path)
            ranges[name.partition, default: []].append(name.offsets)
        }
        #expect(ranges.count == 6)
        for (partition, files) in ranges {
            let sorted = files.sorted { $0.lowerBound < $1.lowerBound }
            for (earlier, later) in zip(sorted, sorted.dropFirst()) {
                #expect(earlier.upperBound < later.lowerBound, "\(partition): \(earlier) and \(later)")
            }
        }
    }

    /// The source's ground truth, as far as it is looked at here.
    private struct Truth: Decodable {
        struct Run: Decodable {
            let topics: [Topic]
        }
        struct Topic: Decodable {
            struct Totals: Decodable {
                let valueCount: Int
                let tombstoneCount: Int
            }
            let topic: String
            let acknowledged: Totals
            let acknowledgedByPartition: [Int]
        }
        let run: Run
    }

    /// Beside the audit, which is ours: the files have as many lines as the source sent records with content, in all and
    /// in each partition.
    private func expectEveryRecord(in zone: Zone) throws {
        let folder = zone.data.appending("truth").string
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        try #require(names.count == 1)
        let truth = try JSONDecoder().decode(
            Truth.self,
            from: Data(contentsOf: URL(fileURLWithPath: folder + "/" + names[0]))
        )
        #expect(truth.run.topics.reduce(0) { $0 + $1.acknowledgedByPartition.reduce(0, +) } == Self.records)
        let lines = try zone.linesByPartition()
        for topic in truth.run.topics {
            let missing = topic.acknowledgedByPartition.enumerated().map { partition, acknowledged in
                acknowledged - (lines["\(topic.topic)-\(partition)"] ?? 0)
            }
            // Records without content have one key, so all of a topic are in one partition.
            let expected = Array(repeating: 0, count: missing.count - 1) + [topic.acknowledged.tombstoneCount]
            #expect(missing.sorted() == expected, "\(topic.topic): lines that are missing, by partition")
        }
    }
}
