import Foundation
import PipelineTesting
import SystemPackage
import Testing

/// A newest librdkafka goes on through crashes of the ingestor. At each one the leader epoch of its partitions rises, and it
/// asks where the epoch that it knows has ended (KIP-320).
@Suite(.timeLimit(.minutes(15))) struct ClientsThroughCrashesTests {
    private struct Outcome: Decodable, Equatable {
        let sent: Int
        let read: Int
        let repeated: Int
    }

    private static let crashes = 3

    @Test(arguments: Seeds.chosen([UInt64.random(in: 0...UInt64.max)]))
    func everyRecordIsReadOnce(seed: UInt64) async throws {
        try await withSeed(seed) { generator in
            let directory = ScratchDirectory()
            let ingestor = try await CrashingIngestor(data: directory.path, using: &generator)
            let script = try BuiltPackage.root().appending("Tests/Peers/confluent_through_crashes.py")
            let arguments = [script.string, ingestor.bootstrap, "\(Self.crashes + 1)"]
            try await withProcess(BuiltPackage.python(), arguments: arguments) { peer in
                for crash in 0..<Self.crashes {
                    try await ingestor.run(stopping: SIGKILL) { _ in
                        _ = try await peer.waitForLine("round \(crash)")
                    }
                }
                try await ingestor.run(stopping: SIGTERM) { _ in
                    let status = try await peer.waitForExit()
                    #expect(status == .exited(0), "\(peer.errorOutput.soFar.suffix(20))")
                }
                let last = try #require(peer.output.soFar.last)
                let outcome = try JSONDecoder().decode(Outcome.self, from: Data(last.utf8))
                #expect(outcome == Outcome(sent: 200, read: 200, repeated: 0), "\(peer.errorOutput.soFar.suffix(20))")
            }
        }
    }
}
