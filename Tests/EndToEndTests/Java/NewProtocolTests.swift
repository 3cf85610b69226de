import PipelineTesting
import Testing

/// Kafka's own client with `group.protocol=consumer`.
@Suite(.timeLimit(.minutes(15))) struct NewProtocolTests {
    @Test func kafkasOwnClientReadsInTheNewProtocol() async throws {
        try await withIngestor { bootstrap, _ in
            let result = try await Java.run("NewProtocol.java", [bootstrap])
            try #require(result.status == .exited(0), "\(result.errorText)")
            let lines = result.text.split(separator: "\n")
            #expect(lines == ["read 10", "Consumer Stable range", "has 2 of 2", "read 4"])
        }
    }

    /// Members change to the newer protocol and back, one by one, while records come.
    @Test func kafkasOwnClientsChangeTheProtocolOfTheirGroup() async throws {
        try await withIngestor { bootstrap, _ in
            let result = try await Java.run("Migration.java", [bootstrap])
            try #require(result.status == .exited(0), "\(result.errorText)")
            let types = "Classic Consumer Consumer Consumer Classic"
            #expect(
                result.text.split(separator: "\n").map(String.init)
                    == ["usual", "cooperative"].map { "\($0) \(types) missing 0 twice 0" }
            )
        }
    }
}
