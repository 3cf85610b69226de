import Foundation
import PipelineTesting

/// Records with everything that Kafka lets through: null, empty, text, all bytes, long, repeated header names.
enum Corpus {
    static let partitionCount = 2
    /// Milliseconds since 1970, of now: records of yesteryear would be gone, by retention, before they are read.
    static let start = Int(Date().timeIntervalSince1970 * 1000)

    /// Records for `topic`: all that `writer` can write.
    static func records(topic: String, writer: Peer) -> [PeerRecord] {
        switch writer {
        case .kcat: return plain(topic: topic)
        case .confluent: return whole(topic: topic)
        case .kafkaPython:
            // It refuses records without both a key and a value, and headers without a value.
            return whole(topic: topic).filter { $0.key != nil || $0.value != nil }.map { record in
                var record = record
                record.headers.removeAll { $0.last == .some(nil) }
                return record
            }
        }
    }

    /// Records of those that every client can write, but for the null header.
    private static func plain(topic: String) -> [PeerRecord] {
        let values: [[UInt8]?] = [
            Array(#"{"id_utente": 7, "nome": "Niccolò"}"#.utf8), nil,
            // kcat separates keys and records by these two.
            (0...255).filter { $0 != 0x1e && $0 != 0x1f }, Array(repeating: 0x61, count: 20_000),
            Array("a\nb\r\n".utf8),
        ]
        let keys: [[UInt8]?] = [Array("utente-7".utf8), Array("NULL RECORD".utf8), [0x00, 0xff, 0x0a], nil]
        return (0..<60).map { number in
            // A key of kcat is null where the line has no separator: then it needs a value.
            let value = values[number % values.count]
            let key = keys[number % keys.count] ?? (value == nil ? Array("k".utf8) : nil)
            return PeerRecord(
                topic: topic,
                partition: number % partitionCount,
                timestamp: start + number,
                key: key,
                value: value,
                headers: [("origin", Array("città".utf8)), ("none", nil)]
            )
        }
    }

    /// Those and others that kcat cannot write: empty values beside null ones, headers of their own, times.
    private static func whole(topic: String) -> [PeerRecord] {
        let headers: [[(String, [UInt8]?)]] = [
            [], [("a", Array("x".utf8))], [("none", nil), ("empty", []), ("bytes", [0xff, 0x80, 0x01])],
            [("twice", [0x31]), ("twice", [0x32])],
            [(String(repeating: "n", count: 300), Array(repeating: 7, count: 300))],
        ]
        var random = SeededGenerator(seed: 0x5eed_0001)
        let all = (0..<100).map { number in
            let byteCount = Int.random(in: 0..<2_000, using: &random)
            let value = number % 7 == 0 ? nil : (0..<byteCount).map { _ in UInt8.random(in: 0...255, using: &random) }
            return PeerRecord(
                topic: topic,
                partition: number % partitionCount,
                // Times go back and forth: the log must not mind.
                timestamp: start + (number % 10) * 1_000 - number,
                key: number % 3 == 0 ? nil : [UInt8(number)],
                value: number % 11 == 0 ? [] : value,
                headers: headers[number % headers.count]
            )
        }
        return plain(topic: topic) + all
    }
}
