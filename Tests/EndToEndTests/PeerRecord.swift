import Foundation

/// A record as a client outside of this project wrote or read it; `Tests/Peers/peer_records.py` says its form.
struct PeerRecord: Codable, Equatable, Sendable {
    var topic: String
    var partition: Int
    var offset: Int?
    /// Milliseconds since 1970.
    var timestamp: Int
    /// Hexadecimal; `nil` is null.
    var key: String?
    /// Hexadecimal; `nil` is null.
    var value: String?
    /// Names and hexadecimal values, which may be null.
    var headers: [[String?]]
    /// Which member of the group read it.
    var member: Int?

    init(
        topic: String,
        partition: Int,
        offset: Int? = nil,
        timestamp: Int,
        key: [UInt8]?,
        value: [UInt8]?,
        headers: [(String, [UInt8]?)] = []
    ) {
        self.topic = topic
        self.partition = partition
        self.offset = offset
        self.timestamp = timestamp
        self.key = key?.hexadecimal
        self.value = value?.hexadecimal
        self.headers = headers.map { [$0.0, $0.1?.hexadecimal] }
    }

    /// The same with null where something is not the business of a comparison of what was sent with what came.
    func without(timestamp leavesTimeOut: Bool = false) -> PeerRecord {
        var record = self
        record.offset = nil
        record.member = nil
        if leavesTimeOut { record.timestamp = 0 }
        return record
    }

    /// The records in lines of JSON.
    static func lines(_ records: [PeerRecord]) throws -> [UInt8] {
        try records.flatMap { try JSONEncoder.withNulls.encode($0) + Data("\n".utf8) }
    }

    /// The records that lines of JSON say, by topic, partition and offset.
    static func read(_ lines: some Sequence<some StringProtocol>) throws -> [PeerRecord] {
        try lines.filter { $0.hasPrefix("{") }
            .map { try JSONDecoder().decode(PeerRecord.self, from: Data($0.utf8)) }
            .sorted { ($0.topic, $0.partition, $0.offset ?? -1) < ($1.topic, $1.partition, $1.offset ?? -1) }
    }

    func encode(to encoder: any Encoder) throws {
        // Null is written as null: the peers look for every key.
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(topic, forKey: .topic)
        try container.encode(partition, forKey: .partition)
        try container.encode(timestamp, forKey: .timestamp)
        try container.encode(key, forKey: .key)
        try container.encode(value, forKey: .value)
        try container.encode(headers, forKey: .headers)
    }
}

extension JSONEncoder {
    fileprivate static var withNulls: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes]
        return encoder
    }
}

extension Sequence<UInt8> {
    /// The bytes in hexadecimal digits.
    var hexadecimal: String { map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
}

extension String {
    /// The bytes that hexadecimal digits say.
    var bytesOfHexadecimal: [UInt8] {
        let digits = Array(utf8)
        return stride(from: 0, to: digits.count - 1, by: 2).compactMap {
            UInt8(String(decoding: digits[$0...$0 + 1], as: UTF8.self), radix: 16)
        }
    }
}
