import Foundation
import PipelineTesting
import SystemPackage
import Testing

/// The real program on one data directory and one port, started as often as it is killed.
struct CrashingIngestor {
    let data: FilePath
    /// Beside the ports that the system gives to those who do not ask for one, so that nobody takes it in between.
    let port: Int

    var bootstrap: String { "127.0.0.1:\(port)" }

    /// Finds a port and starts the program for the first time, to see that it is free.
    init(data: FilePath, using generator: inout SeededGenerator) async throws {
        self.data = data
        var chosen: Int?
        for _ in 0..<20 where chosen == nil {
            let candidate = Int.random(in: 20_000..<32_000, using: &generator)
            chosen = try await Self.serves(at: candidate, data) ? candidate : nil
        }
        port = try #require(chosen, "no free port among twenty")
    }

    private static func serves(at port: Int, _ data: FilePath) async throws -> Bool {
        try await withProcess(try BuiltPackage.program(), arguments: arguments(port, data)) { program in
            do {
                _ = try await program.waitForLine("ready kafka=")
                return true
            } catch let error as ProgramError where error.code == .ended {
                return false
            }
        }
    }

    /// Runs `body` while the program serves; then it is killed, or asked to stop and must do so in order.
    func run<Result>(
        stopping signal: Int32,
        _ body: (ProgramProcess) async throws -> Result
    ) async throws -> Result {
        try await withProcess(try BuiltPackage.program(), arguments: Self.arguments(port, data)) { program in
            _ = try await program.waitForLine("ready kafka=")
            let result = try await body(program)
            program.kill(signal)
            let status = try await program.waitForExit()
            if signal == SIGTERM { #expect(status == .exited(0), "\(program.errorOutput.soFar.suffix(20))") }
            return result
        }
    }

    private static func arguments(_ port: Int, _ data: FilePath) -> [String] {
        ["ingestor", "--data", data.string, "--listen", "127.0.0.1:\(port)", "--no-topics"]
    }
}
