import Foundation
import PipelineTesting
import SystemPackage
import Testing

@Suite(.timeLimit(.minutes(15)))
struct ProgramProcessTests {
    private let shell: FilePath = "/bin/sh"

    @Test func linesArriveWhileTheProgramRuns() async throws {
        try await withProcess(shell, arguments: ["-c", "echo one; echo ready port=1; echo oops >&2; exec sleep 60"]) {
            process in
            let ready = try await process.waitForLine("ready")
            let error = try await process.waitForLine("oops", of: process.errorOutput)
            #expect(ready == "ready port=1")
            #expect(error == "oops")
            #expect(process.output.soFar == ["one", "ready port=1"])
        }
    }

    @Test func aKilledProgramIsGoneBeforeWaitForExitReturns() async throws {
        try await withProcess(shell, arguments: ["-c", "echo up; exec sleep 60"]) { process in
            _ = try await process.waitForLine("up")
            let pid = try #require(process.processIdentifier)
            process.kill(SIGKILL)
            let status = try await process.waitForExit()
            #expect(status == .signaled(SIGKILL))
            #expect(kill(pid, 0) == -1 && errno == ESRCH)
        }
    }

    @Test func theScopeEndsTheProgram() async throws {
        struct Failure: Error {}
        var pid: Int32 = 0
        await #expect(throws: Failure.self) {
            try await withProcess(shell, arguments: ["-c", "exec sleep 60"]) { process in
                pid = try #require(process.processIdentifier)
                throw Failure()
            }
        }
        #expect(kill(pid, 0) == -1 && errno == ESRCH)
    }

    @Test func aGrandchildWithOpenStreamsDoesNotHoldTheScope() async throws {
        try await withProcess(shell, arguments: ["-c", "sleep 20 & echo up; wait"]) { process in
            _ = try await process.waitForLine("up")
        }
    }

    @Test func theDeadlineAndTheEndOfOutputAreToldApart() async throws {
        try await withProcess(shell, arguments: ["-c", "exec sleep 60"]) { process in
            let error = await #expect(throws: ProgramError.self) {
                _ = try await process.waitForLine("never", within: .milliseconds(20))
            }
            #expect(error?.code == .deadlinePassed)
        }
        try await withProcess(shell, arguments: ["-c", "echo last words >&2; exit 3"]) { process in
            let error = await #expect(throws: ProgramError.self) { _ = try await process.waitForLine("never") }
            #expect(error?.code == .ended)
            let status = try await process.waitForExit()
            #expect(status == .exited(3))
        }
    }

    @Test func aWaitForAnEndedProgramReportsItsLastLines() async throws {
        let nothing = AsyncStream<Int>.makeStream()
        try await withProcess(shell, arguments: ["-c", "echo last words >&2; exit 3"]) { process in
            let error = await #expect(throws: ProgramError.self) {
                try await process.whileItRuns { for await _ in nothing.stream {} }
            }
            #expect(error?.code == .ended)
            #expect(error?.description.contains("last words") == true)
        }
        try await withProcess(shell, arguments: ["-c", "exec sleep 60"]) { process in
            let result = try await process.whileItRuns { 7 }
            #expect(result == 7)
        }
    }

    @Test func aMissingProgramIsAnError() async {
        let error = await #expect(throws: ProgramError.self) {
            try await withProcess("/nonexistent/program") { _ in }
        }
        #expect(error?.code == .notStarted)
    }

    @Test func runProgramGivesInputAndTakesAllOutput() async throws {
        let input = [UInt8](repeating: UInt8(ascii: "x"), count: 300_000)
        let result = try await runProgram(
            shell,
            arguments: ["-c", "cat; echo $NAME >&2"],
            environment: ["NAME": "hera"],
            input: input
        )
        #expect(result.output.count == input.count)
        #expect(result.output.allSatisfy { $0 == UInt8(ascii: "x") })
        #expect(result.errorText == "hera\n")
        #expect(result.status.isSuccess)
    }

    @Test func theBuiltProgramAndTheRootAreFound() throws {
        let root = try BuiltPackage.root()
        #expect(FileManager.default.fileExists(atPath: root.appending("Package.swift").string))
        #expect(try BuiltPackage.program().lastComponent == "hera")
    }
}
