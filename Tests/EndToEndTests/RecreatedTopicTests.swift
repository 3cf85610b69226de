import Foundation
import PipelineTesting
import SystemPackage
import Testing

/// A topic is deleted and made again with fewer partitions under a producer and a consumer that go on: by the topic's id they
/// notice that it is another one.
@Suite(.timeLimit(.minutes(15))) struct RecreatedTopicTests {
    private struct Outcome: Decodable, Equatable {
        let first: Int
        let delivered: Int
        let failed: Int
        let consumed: Int
    }

    @Test(arguments: [(6, 2), (2, 3)])
    func clientsGoOnWithTheTopicThatTookItsPlace(before: Int, after: Int) async throws {
        try await withIngestor { bootstrap, _ in
            let script = try BuiltPackage.root().appending("Tests/Peers/confluent_recreated.py")
            let result = try await runProgram(
                BuiltPackage.python(),
                arguments: [script.string, bootstrap, "\(before)", "\(after)"]
            )
            try #require(result.status == .exited(0), "\(result.errorText)")
            let outcome = try JSONDecoder().decode(Outcome.self, from: Data(result.text.utf8))
            #expect(
                outcome == Outcome(first: 60, delivered: 60, failed: 0, consumed: 60),
                "\(result.errorText)"
            )
        }
    }
}
