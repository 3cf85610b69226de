import Foundation
import PipelineTesting
import SystemPackage
import Testing

/// What only a person can mend stops one partition of the sink: the others are filed, and the intake goes on.
@Suite(.timeLimit(.minutes(10))) struct SinkFailureTests {
    /// Sends events to one partition of a topic with kcat, and returns when they are acknowledged.
    private func send(_ names: Range<Int>, to topic: String, _ partition: Int, at address: String) async throws {
        let events = names.map { UpTests.event.replacing("HE_7", with: "HE_\($0)") }
        let result = try await runProgram(
            BuiltPackage.systemProgram("kcat"),
            arguments: ["-b", address, "-P", "-t", topic, "-p", "\(partition)", "-X", "acks=all"],
            input: Array((events.joined(separator: "\n") + "\n").utf8)
        )
        try #require(result.status.isSuccess, "\(result.errorText)")
    }

    @Test func damagedCommitRecordStopsItsPartitionAlone() async throws {
        try await withTemporaryDirectory { data in
            let zone = Zone(data: data)
            _ = try await zone.whileUp { process, address in
                for partition in 0...1 { try await send(0..<5, to: "comportamenti", partition, at: address) }
                try await zone.untilAllIsFiled(by: process)
            }
            try damageNewestRecord(of: "comportamenti/0", in: data)

            let environment = ["HERA_SINK_VISIBLE_WITHIN_MILLISECONDS": "200"]
            let status = try await zone.whileUp(environment) { process, address in
                try await line(of: process, with: ["could not", "comportamenti-0"])
                try await send(5..<9, to: "comportamenti", 0, at: address)
                try await send(5..<9, to: "comportamenti", 1, at: address)
                try await send(5..<9, to: "premi", 0, at: address)
                for partition in ["comportamenti-1", "premi-0"] {
                    guard
                        !process.errorOutput.soFar.contains(where: { $0.contains("filed ") && $0.contains(partition) })
                    else { continue }
                    try await line(of: process, with: ["filed ", partition])
                }
            }.status
            #expect(status == .exited(0))
            #expect(try zone.lines(of: "premi").count == 4)
            // What was acknowledged for the partition that stands is in its topic, and filed when it is mended.
            #expect(try zone.lines(of: "comportamenti").count == 5 + 9)
        }
    }

    private func damageNewestRecord(of partition: String, in data: FilePath) throws {
        let root = data.appending("storage").string
        let walk = try #require(FileManager.default.enumerator(atPath: root))
        var records: [String] = []
        while let path = walk.nextObject() as? String {
            if path.contains("_logs/"), !path.contains("/archive/"), path.contains("/\(partition)/"),
                path.hasSuffix(".json")
            {
                records.append(path)
            }
        }
        let newest = root + "/" + (try #require(records.max(), "no commit record of \(partition)"))
        try Data("{\"damaged".utf8).write(to: URL(fileURLWithPath: newest))
    }

    private func line(of process: ProgramProcess, with words: [String]) async throws {
        for await line in process.errorOutput where words.allSatisfy({ line.contains($0) }) { return }
        Issue.record("the pipeline ended without a line with \(words): \(process.errorOutput.soFar.suffix(20))")
    }
}
