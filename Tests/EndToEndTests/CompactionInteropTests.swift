import PipelineTesting
import SystemPackage
import Testing

/// Clients that others made read a topic that was compacted.
@Suite(.timeLimit(.minutes(20))) struct CompactionInteropTests {
    /// One batch of each codec, each a segment of its own. All write the same keys, and one that no other one does.
    private static func round(_ number: Int) -> [PeerRecord] {
        let keys = (0..<20).map { "k\($0)" } + ["only-\(number)"]
        var records = keys.map { key in
            PeerRecord(
                topic: "state",
                partition: 0,
                timestamp: Corpus.start + number,
                key: Array(key.utf8),
                value: Array("\(key) in round \(number)".utf8),
                headers: [("round", Array("\(number)".utf8))]
            )
        }
        // Deleted at once: the tombstone stays for a day.
        if number < 2 {
            let value = number == 0 ? Array("deleted soon".utf8) : nil
            records.append(
                PeerRecord(
                    topic: "state",
                    partition: 0,
                    timestamp: Corpus.start + number,
                    key: Array("gone".utf8),
                    value: value
                )
            )
        }
        return records
    }

    @Test func everyClientReadsTheNewestRecordOfEachKey() async throws {
        try await withCompactedTopic { bootstrap, newest in
            let expected = Set(newest.map { Content($0) })
            for reader in Peer.allCases {
                let read = try await reader.consume(["state"], from: bootstrap)
                #expect(read.count == newest.count, "\(reader)")
                #expect(Set(read.map { Content($0) }) == expected, "\(reader)")
            }
        }
    }

    /// They look for markers of transactions in what is left of batches that lost all of their records.
    @Test func clientsThatReadCommittedRecordsOnlyComeToTheEnd() async throws {
        try await withCompactedTopic { bootstrap, newest in
            let root = try BuiltPackage.root()
            let script = root.appending("Tests/Peers/read_committed.py").string
            for (client, version) in [("kafka-python", "-2.3.2"), ("kafka-python", "-3.0.12"), ("aiokafka", "")] {
                let path = version.isEmpty ? nil : root.appending(".venv/kafka-python" + version).string
                let read = try await runProgram(
                    BuiltPackage.python(),
                    arguments: [script, client, bootstrap, "state"],
                    environment: ["PYTHONPATH": path]
                )
                try #require(read.status == .exited(0), "\(client)\(version): \(read.errorText)")
                #expect(read.text.split(separator: "\n").count == newest.count, "\(client)\(version)")
            }
        }
    }

    /// Runs `body` when a topic `state` is compacted, with the records that are left of it.
    private func withCompactedTopic(
        _ body: (_ bootstrap: String, _ newest: [PeerRecord]) async throws -> Void
    ) async throws {
        try await withIngestor { bootstrap, _ in
            try await Peer.confluent.create(["state"], partitions: 1, at: bootstrap)
            let settings = ["cleanup.policy=compact", "segment.bytes=64", "min.cleanable.dirty.ratio=0"]
            let script = try BuiltPackage.root().appending("Tests/Peers/confluent_admin.py").string
            let altered = try await runProgram(
                BuiltPackage.python(),
                arguments: [script, "alter", bootstrap, "state"] + settings
            )
            try #require(altered.status == .exited(0), "\(altered.errorText)")
            var sent: [PeerRecord] = []
            for (number, codec) in (Peer.codecs + ["none"]).enumerated() {
                let records = Self.round(number)
                try await Peer.confluent.produce(records, codec: codec, to: bootstrap)
                sent += records
            }
            // The active segment has the last round and is not cleaned.
            let last = Self.round(5)
            let newest = Dictionary(sent.dropLast(last.count).map { ($0.key, $0) }) { $1 }.values + last
            #expect(newest.count == 47)
            while try await Kcat.consume(["state"], from: bootstrap).count > newest.count {}
            try await body(bootstrap, newest)
        }
    }

    /// What every client shows of a record; kcat takes null for an empty text.
    private struct Content: Hashable {
        let key: String?
        let value: String

        init(_ record: PeerRecord) { (key, value) = (record.key, record.value ?? "") }
    }
}
