import Foundation
import Ingestor
import NIOCore
import PipelineTesting
import SystemPackage
import Testing

/// The newest confluent-kafka with `group.protocol=consumer`, each member in a process of its own. The ingestor is in this
/// one, so that its members are heard often, and a dead one is found soon.
@Suite(.timeLimit(.minutes(20))) struct NewProtocolPeerTests {
    private struct Summary: Decodable {
        let records: Int
        let twice: Int
        let groups: [String: [String]]?
        let sent: Int?
        let types: [String]?
    }

    private func run(_ command: String, _ arguments: [String]) async throws -> Summary {
        try await withIngestor(configure: {
            $0.groups.consumerHeartbeatInterval = .milliseconds(200)
            $0.groups.consumerSessionTimeout = .seconds(15)
        }) { address in
            let script = try BuiltPackage.root().appending("Tests/Peers/confluent_new_protocol.py")
            let result = try await runProgram(
                BuiltPackage.python(),
                arguments: [script.string, command, "\(address)"] + arguments
            )
            try #require(result.status == .exited(0), "\(result.errorText)")
            return try JSONDecoder().decode(Summary.self, from: Data(result.text.utf8))
        }
    }

    @Test func groupLosesAMemberAndGoesOn() async throws {
        let summary = try await run("life", ["shared"])
        #expect(summary.records == 132)
        #expect(summary.twice == 0)
        #expect(summary.groups == ["life": ["CONSUMER", "STABLE"]])
    }

    @Test func patternReadsTopicsThatComeLater() async throws {
        let summary = try await run("pattern", ["events"])
        #expect(summary.records == 12)
        #expect(summary.twice == 0)
    }

    /// Members are replaced one by one with those of the other protocol, and back: each record is read once.
    @Test(arguments: [["range"], ["cooperative-sticky"], ["static", "range"]])
    func groupChangesItsProtocolWhileItReads(words: [String]) async throws {
        let summary = try await run("roll", words)
        let sent = try #require(summary.sent)
        #expect(sent > 100)
        #expect(summary.records == sent)
        #expect(summary.twice == 0)
        let up = ["CLASSIC", "CONSUMER", "CONSUMER", "CONSUMER"]
        #expect(summary.types == up + ["CONSUMER", "CONSUMER", "CLASSIC"])
    }
}
