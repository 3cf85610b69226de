import Foundation
import PipelineTesting
import SystemPackage
import Testing

/// Runs `body` with the address of an ingestor of its own: the real program, with a new data directory.
func withIngestor<Result>(
    arguments: [String] = [],
    _ body: (_ bootstrap: String) async throws -> Result
) async throws -> Result {
    try await withTemporaryDirectory { (data) async throws in
        let words = ["ingestor", "--data", data.string, "--listen", "127.0.0.1:0"]
        return try await withProcess(try BuiltPackage.program(), arguments: words + arguments) { ingestor in
            let ready = try await ingestor.waitForLine("ready kafka=")
            let result = try await body(String(ready.dropFirst("ready kafka=".count).prefix { $0 != " " }))
            ingestor.kill(SIGTERM)
            #expect(try await ingestor.waitForExit() == .exited(0), "\(ingestor.errorOutput.soFar.suffix(20))")
            return result
        }
    }
}
