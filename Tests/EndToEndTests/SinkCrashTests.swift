import Foundation
import PipelineTesting
import SystemPackage
import Testing

/// The sink under load, killed at random moments: every record is filed exactly once, without anybody's help.
@Suite(.timeLimit(.minutes(10))) struct SinkCrashTests {
    /// How often it is killed.
    static let kills = 20
    /// So many lines of the log, each telling of a commit, pass at most before a kill.
    static let commitsBeforeKillMax = 8
    static let users = 20_000
    static let records = 500_000

    /// Small commits, so that a kill falls into the middle of one.
    static let environment = ["HERA_SINK_FLUSH_SIZE": "1000"]

    @Test(arguments: Seeds.chosen([20_261_122]))
    func everyRecordIsFiledOnceWhateverTheMomentOfTheKill(seed: UInt64) async throws {
        try await withSeed(seed) { generator in
            try await withTemporaryDirectory { data in
                let zone = Zone(data: data)
                try await fill(data)
                for _ in 1...Self.kills {
                    try await kill(zone, afterCommits: Int.random(in: 0...Self.commitsBeforeKillMax, using: &generator))
                }
                let status = try await zone.whileUp { process, _ in
                    try await zone.untilAllIsFiled(by: process)
                }.status
                #expect(status == .exited(0))
                try await judge(zone)
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
                #expect(seen == commits, "there was too little left to file")
            }
            process.kill(SIGKILL)
            #expect(try await process.waitForExit() == .signaled(SIGKILL))
        }
    }

    private func judge(_ zone: Zone) async throws {
        let audit = try await Zone.hera("audit", "--data", zone.data.string)
        #expect(audit.status == .exited(0), "\(audit.text)\(audit.errorText)")
        #expect(zone.files.allSatisfy { !$0.contains("+tmp") }, "no temporary file is left")

        // Beside the audit, which is ours: each offset is in the range of one file at most.
        var ranges: [String: [ClosedRange<Int64>]] = [:]
        for path in zone.files {
            let name = try #require(FilePath(path).lastComponent?.stem.split(separator: "_"))
            try #require(name.count == 4, "\(path)")
            let range = try #require(Int64(name[2]))...#require(Int64(name[3]))
            ranges["\(name[0])-\(name[1])", default: []].append(range)
        }
        #expect(ranges.count == 6)
        for (partition, files) in ranges {
            let sorted = files.sorted { $0.lowerBound < $1.lowerBound }
            for (earlier, later) in zip(sorted, sorted.dropFirst()) {
                #expect(earlier.upperBound < later.lowerBound, "\(partition): \(earlier) and \(later)")
            }
        }
    }
}
