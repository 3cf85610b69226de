import Foundation
import PipelineTesting
import SystemPackage
import Testing

/// Topics that compress and date their records themselves, with clients that others made.
@Suite(.timeLimit(.minutes(20))) struct TopicSettingsInteropTests {
    private func create(_ topic: String, _ settings: [String], at bootstrap: String) async throws {
        try await Peer.confluent.create([topic], partitions: 1, at: bootstrap)
        let script = try BuiltPackage.root().appending("Tests/Peers/confluent_admin.py")
        let result = try await runProgram(
            BuiltPackage.python(),
            arguments: [script.string, "alter", bootstrap, topic] + settings
        )
        try #require(result.status == .exited(0), "\(result.errorText)")
    }

    private func records(_ topic: String) -> [PeerRecord] {
        (0..<40).map { number in
            PeerRecord(
                topic: topic,
                partition: 0,
                timestamp: 1_600_000_000_000 + number,
                key: Array("k\(number)".utf8),
                value: Array(repeating: UInt8(ascii: "a") + UInt8(number % 20), count: 1 + number * 700)
            )
        }
    }

    /// The records without headers: kcat shows an empty one where there is none.
    private func plain(_ records: [PeerRecord], leavesTimeOut: Bool = false) -> [PeerRecord] {
        records.map { record in
            var record = record.without(timestamp: leavesTimeOut)
            record.headers = []
            return record
        }
    }

    /// What the first batch of a topic says: its codec, and whether the log gave it its time.
    private func attributes(of topic: String, in data: FilePath) throws -> Int {
        let path = data.appending("ingestor/\(topic)-0/00000000000000000000.log").string
        return Int(try #require(FileManager.default.contents(atPath: path))[22])
    }

    @Test(arguments: [Peer.confluent, .kafkaPython])
    func everyClientReadsWhatTheTopicCompressed(writer: Peer) async throws {
        try await withIngestor { bootstrap, data in
            let codecs = ["uncompressed", "gzip", "snappy", "lz4", "zstd"]
            for (number, codec) in codecs.enumerated() {
                try await create(codec, ["compression.type=\(codec)"], at: bootstrap)
                try await writer.produce(records(codec), codec: codec == "gzip" ? "snappy" : "gzip", to: bootstrap)
                if codec != "gzip" { #expect(try attributes(of: codec, in: data) == number) }
                for reader in Peer.allCases {
                    let read = plain(try await reader.consume([codec], from: bootstrap))
                    #expect(read == plain(records(codec)), "\(codec), read by \(reader)")
                }
            }
            #expect(try attributes(of: "gzip", in: data) == 1)
        }
    }

    @Test(arguments: Peer.allCases)
    func everyClientSeesTheTimeOfTheAppend(writer: Peer) async throws {
        try await withIngestor { bootstrap, data in
            try await create("dated", ["message.timestamp.type=LogAppendTime"], at: bootstrap)
            try await writer.produce(records("dated"), codec: "lz4", to: bootstrap)
            #expect(try attributes(of: "dated", in: data) & 8 == 8)
            for reader in Peer.allCases {
                let read = try await reader.consume(["dated"], from: bootstrap)
                #expect(plain(read, leavesTimeOut: true) == plain(records("dated"), leavesTimeOut: true))
                #expect(read.allSatisfy { abs($0.timestamp - Corpus.start) < 3_600_000 }, "\(reader)")
            }
        }
    }

    @Test func aClientIsToldThatItsClockIsWrong() async throws {
        try await withIngestor { bootstrap, _ in
            try await create("dated", ["message.timestamp.before.max.ms=1000"], at: bootstrap)
            let script = try BuiltPackage.root().appending("Tests/Peers/confluent_peer.py")
            let result = try await runProgram(
                BuiltPackage.python(),
                arguments: [script.string, "produce", bootstrap, "none"],
                input: try PeerRecord.lines(records("dated"))
            )
            #expect(result.status != .exited(0))
            #expect(result.errorText.contains("INVALID_TIMESTAMP"), "\(result.errorText)")
        }
    }
}
