import Foundation
import PipelineTesting
import SystemPackage
import Testing

/// How the commands that run until they are told otherwise are stopped.
@Suite(.timeLimit(.minutes(20))) struct StopTests {
    private func server(_ command: String, _ data: FilePath) -> [String] {
        [command, "--data", data.string, "--listen", "127.0.0.1:0"]
    }

    @Test(arguments: ["up", "ingestor"], [SIGINT, SIGTERM, SIGHUP])
    func serverStopsInOrder(command: String, signal: Int32) async throws {
        try await withTemporaryDirectory { data in
            try await withProcess(BuiltPackage.program(), arguments: server(command, data)) { process in
                _ = try await process.waitForLine("ready kafka=")
                process.kill(signal)
                #expect(try await process.waitForExit() == .exited(0))
                let summary = process.errorOutput.soFar.contains { $0.hasPrefix("stopped after ") }
                #expect(summary == (command == "up"))
            }
        }
    }

    /// `nohup` starts a program with SIGHUP ignored; SIGTERM then is the first signal that counts.
    @Test(arguments: ["up", "ingestor"])
    func terminalMayGoUnderNohup(command: String) async throws {
        try await withTemporaryDirectory { data in
            let arguments = [try BuiltPackage.program().string] + server(command, data)
            try await withProcess("/usr/bin/nohup", arguments: arguments) { process in
                let ready = try await process.waitForLine("ready kafka=")
                process.kill(SIGHUP)
                let address = ready.dropFirst("ready kafka=".count)
                let list = try await Zone.hera("topics", "list", "--bootstrap", String(address))
                #expect(list.status == .exited(0), "\(list.errorText)")
                process.kill(SIGTERM)
                #expect(try await process.waitForExit() == .exited(0))
            }
        }
    }

    @Test func sourceAndTailStopInOrder() async throws {
        try await withIngestor { bootstrap, _ in
            for arguments in [
                ["source", bootstrap, "10", "--rate", "50"], ["topics", "tail", "utenti", "--bootstrap", bootstrap],
            ] {
                try await withProcess(BuiltPackage.program(), arguments: arguments) { process in
                    try await untilItHasASocket(process)
                    process.kill(SIGHUP)
                    #expect(try await process.waitForExit() == .exited(0), "\(arguments)")
                }
            }
        }
    }

    /// A broker that does not answer any more holds an orderly stop up.
    @Test func secondSignalEndsAtOnce() async throws {
        try await withTemporaryDirectory { data in
            try await withProcess(BuiltPackage.program(), arguments: server("ingestor", data)) { ingestor in
                let bootstrap = try await ingestor.waitForLine("ready kafka=").dropFirst("ready kafka=".count)
                let arguments = ["source", String(bootstrap), "10"]
                try await withProcess(BuiltPackage.program(), arguments: arguments) { source in
                    try await untilItHasASocket(source)
                    ingestor.kill(SIGSTOP)
                    defer { ingestor.kill(SIGCONT) }
                    let end = Task { try await source.waitForExit() }
                    // Signals that follow each other at once are one wish, so it is said again and again.
                    while source.processIdentifier != nil {
                        source.kill(SIGINT)
                        await Task.yield()
                    }
                    #expect(try await end.value == .exited(128 + SIGINT))
                    #expect(source.errorOutput.soFar.contains { $0.hasPrefix("hera: ended at once") })
                }
            }
        }
    }

    /// The signals are taken from the moment on in which a client is made.
    private func untilItHasASocket(_ process: ProgramProcess) async throws {
        let pid = try #require(process.processIdentifier)
        while true {
            let files = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd")
            let links = files.compactMap {
                try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/fd/\($0)")
            }
            if links.contains(where: { $0.hasPrefix("socket:") }) { return }
            await Task.yield()
        }
    }
}
