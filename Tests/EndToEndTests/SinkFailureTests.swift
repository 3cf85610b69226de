import Foundation
import PipelineTesting
import SystemPackage
import Testing

/// What only an operator can repair stops one partition of the sink: the others are filed, and the intake goes on.
@Suite(.timeLimit(.minutes(20))) struct SinkFailureTests {
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

            let status = try await zone.whileUp(Self.soon) { process, address in
                try await line(of: process, with: ["could not", "comportamenti-0"])
                try await send(5..<9, to: "comportamenti", 0, at: address)
                try await send(5..<9, to: "comportamenti", 1, at: address)
                try await send(5..<9, to: "premi", 0, at: address)
                try await filed(["comportamenti-1", "premi-0"], by: process)
            }.status
            #expect(status == .exited(0))
            #expect(try zone.lines(of: "premi").count == 4)
            // What was acknowledged for the stopped partition is in its topic, and filed when it is repaired.
            #expect(try zone.lines(of: "comportamenti").count == 5 + 9)
        }
    }

    /// One partition of it had been filed, and stands; the other one had not, and begins.
    @Test func topicMadeAgainIsFiledOnceItIsAccepted() async throws {
        try await withTemporaryDirectory { data in
            let zone = Zone(data: data)
            let status = try await zone.whileUp(Self.soon) { process, address in
                try await send(0..<10, to: "comportamenti", 0, at: address)
                try await zone.untilAllIsFiled(by: process)
                try await hera("topics", "delete", "comportamenti", "--yes", "--bootstrap", address)
                try await hera("topics", "create", "comportamenti", "--partitions", "2", "--bootstrap", address)
                try await send(10..<50, to: "comportamenti", 0, at: address)
                try await line(of: process, with: ["deleted and made again", "hera repair accept comportamenti-0"])
                try await send(50..<55, to: "comportamenti", 1, at: address)
                try await send(55..<60, to: "premi", 0, at: address)
                try await filed(["comportamenti-1", "premi-0"], by: process)

                let standing = try await hera("repair", "list", "--data", data.string, "--json")
                #expect(standing.contains("comportamenti") && standing.contains("hera repair accept comportamenti-0"))
                #expect(!standing.contains("premi"), "\(standing)")
                try await hera("repair", "accept", "comportamenti-0", "--yes", "--data", data.string)
                try await zone.untilAllIsFiled(by: process)
            }.status
            #expect(status == .exited(0))
            #expect(try numbers(in: zone.lines(of: "comportamenti")) == Array(0..<55))
            #expect(try numbers(in: zone.lines(of: "premi")) == Array(55..<60))
        }
    }

    /// A sink that stands loses nothing to retention: it goes on where it stood.
    @Test func retentionWaitsForThePartitionThatStands() async throws {
        try await withTemporaryDirectory { data in
            let zone = Zone(data: data)
            _ = try await zone.whileUp { process, address in
                try await send(0..<5, to: "comportamenti", 0, at: address)
                try await zone.untilAllIsFiled(by: process)
            }
            try damageNewestRecord(of: "comportamenti/0", in: data)

            let environment = ["HERA_INGESTOR_RETENTION_MILLISECONDS": "1000"].merging(Self.soon) { $1 }
            let status = try await zone.whileUp(environment) { process, address in
                try await send(5..<9, to: "comportamenti", 0, at: address)
                try await line(of: process, with: ["retention keeps old records", "comportamenti"])
                try await hera("repair", "accept", "comportamenti-0", "--yes", "--data", data.string)
                try await line(of: process, with: ["retention no longer waits", "comportamenti"])
            }.status
            #expect(status == .exited(0))
            #expect(try numbers(in: zone.lines(of: "comportamenti")) == Array(0..<9))
        }
    }

    /// Filing does not wait for more records.
    private static let soon = ["HERA_SINK_VISIBLE_WITHIN_MILLISECONDS": "200"]

    /// What a command prints that succeeds.
    @discardableResult
    private func hera(_ arguments: String...) async throws -> String {
        let result = try await runProgram(BuiltPackage.program(), arguments: arguments)
        try #require(result.status == .exited(0), "\(arguments): \(result.text)\(result.errorText)")
        return result.text
    }

    /// The numbers of the events that `send` sent, in order.
    private func numbers(in lines: [Substring]) throws -> [Int] {
        try lines.map { line in
            try #require(line.firstMatch(of: /HE_(\d+)/).flatMap { Int($0.output.1) }, "\(line)")
        }.sorted()
    }

    /// Waits until the pipeline has said of each partition that it filed records.
    private func filed(_ partitions: [String], by process: ProgramProcess) async throws {
        for partition in partitions { try await line(of: process, with: ["filed ", partition]) }
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
