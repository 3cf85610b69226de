import Foundation
import PipelineTesting
import SystemPackage
import Testing

/// `hera reset` on a pipeline of this machine, as its operator runs it.
@Suite(.timeLimit(.minutes(20))) struct ResetTests {
    private static let users = 40

    /// A directory in which a demo filed everything.
    private func whileFiled(_ body: (Zone) async throws -> Void) async throws {
        try await withTemporaryDirectory { folder in
            let data = folder.appending("demo")
            let demo = try await Zone.hera("demo", "--data", data.string, "--users", "\(Self.users)", "--events", "400")
            try #require(demo.status == .exited(0), "\(demo.errorText)")
            try await body(Zone(data: data))
        }
    }

    private func reset(_ zone: Zone, _ arguments: String...) async throws -> ProgramResult {
        try await runProgram(
            BuiltPackage.program(),
            arguments: ["reset", "--data", zone.data.string] + arguments
        )
    }

    private func expectAudit(_ zone: Zone) async throws {
        let audit = try await Zone.hera("audit", "--data", zone.data.string)
        #expect(audit.status == .exited(0), "\(audit.text)\(audit.errorText)")
    }

    @Test func everythingGoesAndNothingIsMissed() async throws {
        try await whileFiled { zone in
            let files = zone.files
            let dry = try await reset(zone, "--dry-run")
            #expect(dry.status == .exited(0) && dry.text.contains("nothing is changed"), "\(dry.errorText)")
            #expect(zone.files == files)
            let unasked = try await reset(zone)
            #expect(unasked.status == .exited(64) && unasked.errorText.contains("--yes"))
            #expect(zone.files == files)

            let done = try await reset(zone, "--yes")
            #expect(done.status == .exited(0), "\(done.errorText)")
            #expect(done.text.contains("the sink goes on at offset"))
            #expect(zone.files == [])
            try await expectAudit(zone)
            let again = try await reset(zone, "--yes")
            #expect(again.text.contains("there is nothing to reset"))

            // The pipeline goes on, and files what comes next, once.
            let status = try await zone.whileUp { process, address in
                let source = try await Zone.hera("source", address, "20", "--count", "100", "--quiet")
                #expect(source.status == .exited(0), "\(source.errorText)")
                try await zone.untilAllIsFiled(by: process)
            }.status
            #expect(status == .exited(0))
            #expect(zone.files.allSatisfy { $0.hasSuffix(".l2.json") })
            try await expectAudit(zone)
        }
    }

    /// Killed after each line that it says in turn, it is run again and comes to the same end.
    @Test func aResetThatWasKilledIsRunAgain() async throws {
        try await whileFiled { zone in
            let copy = zone.data.removingLastComponent().appending("copy")
            for line in 1... {
                try FileManager.default.copyItem(atPath: zone.data.string, toPath: copy.string)
                defer { try? FileManager.default.removeItem(atPath: copy.string) }
                let killed = Zone(data: copy)
                let arguments = ["reset", "--data", copy.string, "--yes"]
                let wasKilled = try await withProcess(BuiltPackage.program(), arguments: arguments) { process in
                    var seen = 0
                    for await step in process.output where step.contains(": ") {
                        seen += 1
                        guard seen == line else { continue }
                        process.kill(SIGKILL)
                        _ = try await process.waitForExit()
                        return true
                    }
                    return false
                }
                if !wasKilled { break }
                let again = try await reset(killed, "--yes")
                #expect(again.status == .exited(0), "killed after line \(line): \(again.errorText)")
                // A commit record that was being written is swept by the next takeover, as after every crash.
                #expect(killed.files.allSatisfy { $0.hasPrefix("+tmp/") }, "killed after line \(line)")
                try await expectAudit(killed)
            }
        }
    }

    @Test func aRunningPipelineIsNotReset() async throws {
        try await whileFiled { zone in
            let files = zone.files
            _ = try await zone.whileUp { _, _ in
                let refused = try await reset(zone, "--yes")
                #expect(refused.status == .exited(1) && refused.errorText.contains("stop `hera up` first"))
            }
            #expect(zone.files == files)
        }
    }

    @Test(arguments: [
        (["--only", "nothing"], "there are topics, files and commits"),
        (["--only", ""], "there are topics, files and commits"),
        (["--topic", "nowhere", "--yes"], "there is no topic 'nowhere'"),
        (["--topic", "..", "--yes"], "cannot be the name of a topic"),
        (["--topic", "__consumer_offsets", "--yes"], "Kafka's own"),
        (["--yes", "--dry-run"], "either --yes or --dry-run"),
    ])
    func wrongWordsAreRefused(arguments: [String], reason: String) async throws {
        try await withTemporaryDirectory { folder in
            let zone = Zone(data: folder.appending("data"))
            _ = try await zone.whileUp { _, _ in }
            let result = try await runProgram(
                BuiltPackage.program(),
                arguments: ["reset", "--data", zone.data.string] + arguments
            )
            #expect(!result.status.isSuccess && result.errorText.contains(reason), "\(result.errorText)")
        }
    }
}
