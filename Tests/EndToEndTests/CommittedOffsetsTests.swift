import PipelineTesting
import SystemPackage
import Testing

/// A tool that others made reads `__consumer_offsets`.
@Suite(.timeLimit(.minutes(10))) struct CommittedOffsetsTests {
    private func run(_ arguments: String...) async throws -> [String] {
        let script = try BuiltPackage.root().appending("Tests/Peers/committed_offsets.py").string
        let result = try await runProgram(BuiltPackage.python(), arguments: [script] + arguments)
        try #require(result.status == .exited(0), "\(arguments): \(result.errorText)")
        return result.text.split(separator: "\n").map(String.init)
    }

    @Test func everyCommitIsARecordOfKafkasOwn() async throws {
        try await withIngestor { bootstrap, _ in
            try await Peer.confluent.create(["events"], partitions: 1, at: bootstrap)
            _ = try await run("commit", bootstrap, "sink", "events", "7", "a-note")
            _ = try await run("commit", bootstrap, "other", "events", "0", "")
            _ = try await run("commit", bootstrap, "sink", "events", "9", "another")
            _ = try await run("forget", bootstrap, "other")
            #expect(
                try await run("read", bootstrap) == [
                    "sink events 0 7 a-note", "other events 0 0 ", "sink events 0 9 another",
                    "other events 0 forgotten",
                ]
            )
            #expect(try await run("destroy", bootstrap) == ["TOPIC_EXCEPTION", "TOPIC_EXCEPTION"])
            #expect(try await run("read", bootstrap).count == 4)
        }
    }
}
