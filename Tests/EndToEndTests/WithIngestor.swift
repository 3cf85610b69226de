import Foundation
import PipelineTesting
import SystemPackage
import Testing

/// Runs `body` with the address of an ingestor of its own, the real program, and with its new data directory.
func withIngestor<Result>(
    _ body: (_ bootstrap: String, _ data: FilePath) async throws -> Result
) async throws -> Result {
    try await withTemporaryDirectory { (data) async throws in
        let arguments = ["ingestor", "--data", data.string, "--listen", "127.0.0.1:0"]
        return try await withProcess(try BuiltPackage.program(), arguments: arguments) { ingestor in
            let ready = try await ingestor.waitForLine("ready kafka=")
            let address = ready.dropFirst("ready kafka=".count).prefix { $0 != " " }
            let result = try await body(String(address), data)
            ingestor.kill(SIGTERM)
            #expect(try await ingestor.waitForExit() == .exited(0), "\(ingestor.errorOutput.soFar.suffix(20))")
            return result
        }
    }
}
