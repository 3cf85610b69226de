import PipelineTesting
import SystemPackage
import Testing

/// Administrators that others made change topics of the ingestor, each in a process of its own.
@Suite(.timeLimit(.minutes(20))) struct AdminInteropTests {
    /// An administrator, and what it prints.
    private struct Admin {
        let script: FilePath
        let bootstrap: String

        init(_ peer: Peer, at bootstrap: String) throws {
            let name = peer == .confluent ? "confluent_admin.py" : "kafka_python_admin.py"
            script = try BuiltPackage.root().appending("Tests/Peers").appending(name)
            self.bootstrap = bootstrap
        }

        func run(_ command: String, _ arguments: String...) async throws -> ProgramResult {
            try await runProgram(
                BuiltPackage.python(),
                arguments: [script.string, command, bootstrap] + arguments
            )
        }

        func lines(_ command: String, _ arguments: String...) async throws -> [String] {
            let result = try await runProgram(
                BuiltPackage.python(),
                arguments: [script.string, command, bootstrap] + arguments
            )
            try #require(result.status == .exited(0), "\(command): \(result.errorText)")
            return result.text.split(separator: "\n").map(String.init).sorted()
        }
    }

    @Test(arguments: [Peer.confluent, .kafkaPython])
    func topicsGrow(peer: Peer) async throws {
        try await withIngestor { bootstrap, _ in
            let admin = try Admin(peer, at: bootstrap)
            try await peer.create(["shared"], partitions: 1, at: bootstrap)
            _ = try await admin.lines("partitions", "shared", "3")
            let sent = (0..<6).map { number in
                PeerRecord(
                    topic: "shared",
                    partition: number % 3,
                    timestamp: Corpus.start + number,
                    key: Array("k\(number)".utf8),
                    value: Array("v\(number)".utf8)
                )
            }
            try await peer.produce(sent, codec: "none", to: bootstrap)
            #expect(try await peer.consume(["shared"], from: bootstrap).count == 6)
            let refused = try await admin.run("partitions", "shared", "2")
            #expect(refused.status != .exited(0))
            #expect(refused.errorText.contains("3 partitions"), "\(refused.errorText)")
        }
    }

    @Test(arguments: [Peer.confluent, .kafkaPython])
    func settingsAreReplaced(peer: Peer) async throws {
        try await withIngestor { bootstrap, _ in
            let admin = try Admin(peer, at: bootstrap)
            try await peer.create(["shared"], partitions: 1, at: bootstrap)
            _ = try await admin.lines("replace", "shared", "retention.ms=5000", "segment.bytes=70000")
            #expect(try await admin.lines("configs", "shared") == ["retention.ms=5000", "segment.bytes=70000"])
            _ = try await admin.lines("replace", "shared", "min.insync.replicas=2")
            #expect(try await admin.lines("configs", "shared") == ["min.insync.replicas=2"])
            let refused = try await admin.run("replace", "shared", "retention.ms=long")
            #expect(refused.status != .exited(0))
            #expect(refused.errorText.contains("retention.ms"), "\(refused.errorText)")
            #expect(try await admin.lines("configs", "shared") == ["min.insync.replicas=2"])
        }
    }

    @Test func settingsChangeOneByOne() async throws {
        try await withIngestor { bootstrap, _ in
            let admin = try Admin(.confluent, at: bootstrap)
            try await Peer.confluent.create(["shared"], partitions: 1, at: bootstrap)
            _ = try await admin.lines("alter", "shared", "retention.ms=5000", "max.message.bytes=1000")
            _ = try await admin.lines("alter", "shared", "retention.ms")
            #expect(try await admin.lines("configs", "shared") == ["max.message.bytes=1000"])
        }
    }

    @Test func recordsAreDeleted() async throws {
        try await withIngestor { bootstrap, _ in
            let admin = try Admin(.confluent, at: bootstrap)
            try await Peer.confluent.create(["shared"], partitions: 1, at: bootstrap)
            let sent = (0..<9).map { number in
                PeerRecord(
                    topic: "shared",
                    partition: 0,
                    timestamp: Corpus.start + number,
                    key: nil,
                    value: Array("v\(number)".utf8)
                )
            }
            try await Peer.confluent.produce(sent, codec: "lz4", to: bootstrap)
            #expect(try await admin.lines("records", "shared", "4") == ["4"])
            let read = try await Kcat.consume(["shared"], from: bootstrap)
            #expect(read.map(\.offset) == [4, 5, 6, 7, 8])
            #expect(try await admin.lines("records", "shared", "-1") == ["9"])
            #expect(try await Kcat.consume(["shared"], from: bootstrap).isEmpty)
        }
    }

    @Test(arguments: [Peer.confluent, .kafkaPython])
    func theClusterIsDescribed(peer: Peer) async throws {
        try await withIngestor { bootstrap, _ in
            let admin = try Admin(peer, at: bootstrap)
            let cluster = try await admin.lines("cluster")
            #expect(cluster == (peer == .confluent ? ["node 0", "operations 7"] : ["node 0"]))
            let settings = try await admin.lines("node")
            let expected = ["advertised.listeners", "log.dirs", "log.retention.ms", "message.max.bytes"]
            #expect(Set(expected).isSubset(of: settings))
        }
    }

    @Test func noLeaderIsElected() async throws {
        try await withIngestor { bootstrap, _ in
            try await Peer.confluent.create(["shared"], partitions: 1, at: bootstrap)
            #expect(try await Admin(.confluent, at: bootstrap).lines("elect", "shared") == ["ELECTION_NOT_NEEDED"])
        }
    }
}
