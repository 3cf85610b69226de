import Foundation
import PipelineTesting
import SystemPackage
import Testing

/// A client of Kafka that was made elsewhere, run as a program of its own.
enum Peer: String, CaseIterable, Sendable, CustomTestStringConvertible {
    /// kcat of Debian, with librdkafka 2.0.
    case kcat
    /// Python's confluent-kafka, with the newest librdkafka.
    case confluent
    /// kafka-python 2.0.2, the client of the original data source.
    case kafkaPython

    var testDescription: String { rawValue }

    /// What it can compress with.
    static let codecs = ["none", "gzip", "snappy", "lz4", "zstd"]

    /// Creates topics; kcat cannot.
    func create(_ topics: [String], partitions: Int, at bootstrap: String) async throws {
        try await python("create", [bootstrap, "\(partitions)"] + topics)
    }

    /// Deletes topics; kcat cannot.
    func delete(_ topics: [String], at bootstrap: String) async throws {
        try await python("delete", [bootstrap] + topics)
    }

    /// Sends records of one topic, compressed, and waits until they are acknowledged.
    func produce(_ records: [PeerRecord], codec: String, to bootstrap: String) async throws {
        guard self != .kcat else { return try await Kcat.produce(records, codec: codec, to: bootstrap) }
        let written = try await python("produce", [bootstrap, codec], input: PeerRecord.lines(records))
        #expect(written.count == records.count, "records acknowledged")
    }

    /// All records of topics, by topic, partition and offset.
    func consume(_ topics: [String], from bootstrap: String) async throws -> [PeerRecord] {
        guard self != .kcat else { return try await Kcat.consume(topics, from: bootstrap) }
        return try PeerRecord.read(try await python("consume", [bootstrap] + topics))
    }

    /// What the peer's administrator sees of the groups, and of one of them.
    func groups(_ group: String, at bootstrap: String) async throws -> SeenGroups {
        let lines = try await python("admin", [bootstrap, group])
        return try JSONDecoder().decode(SeenGroups.self, from: Data(try #require(lines.last).utf8))
    }

    /// Deletes groups.
    ///
    /// - Returns: the name of the error, for those that were not deleted.
    func delete(groups: [String], at bootstrap: String) async throws -> [String: String?] {
        let lines = try await python("delete-groups", [bootstrap] + groups)
        return try JSONDecoder().decode([String: String?].self, from: Data(try #require(lines.last).utf8))
    }

    /// The script of the peer, run with `arguments` by the Python that script/bootstrap made.
    var script: FilePath {
        get throws {
            let name = self == .confluent ? "confluent_peer.py" : "kafka_python_peer.py"
            return try BuiltPackage.root().appending("Tests/Peers").appending(name)
        }
    }

    @discardableResult
    private func python(_ command: String, _ arguments: [String], input: [UInt8] = []) async throws -> [Substring] {
        let result = try await runProgram(
            BuiltPackage.python(),
            arguments: [script.string, command] + arguments,
            input: input
        )
        try #require(result.status == .exited(0), "\(self) \(command): \(result.errorText)")
        return result.text.split(separator: "\n")
    }
}

/// Consumer groups as a peer's administrator sees them.
struct SeenGroups: Decodable, Equatable {
    struct Member: Decodable, Equatable {
        let client: String
        let host: String
        let partitions: [Place]
    }

    /// `["topic", 0]` in JSON.
    struct Place: Decodable, Equatable {
        let topic: String
        let partition: Int32

        init(_ topic: String, _ partition: Int32) {
            self.topic = topic
            self.partition = partition
        }

        init(from decoder: any Decoder) throws {
            var values = try decoder.unkeyedContainer()
            topic = try values.decode(String.self)
            partition = try values.decode(Int32.self)
        }
    }

    /// The names of all groups.
    let groups: [String]
    /// Of the one asked for; in lower case.
    let state: String
    let protocolName: String
    let members: [Member]
    let offsets: [String: Int64]

    private enum CodingKeys: String, CodingKey {
        case groups, state, members, offsets
        case protocolName = "protocol"
    }
}
