import Checksums
import Crypto
import Foundation

/// Commit records as bytes: JSON with sorted keys, one record a file, a line feed at its end.
///
/// The field `recordChecksum` is the CRC-32C of all bytes, computed while its own eight digits are zeros. It is found
/// by its line, which no text inside the JSON can imitate: line feeds and quotes are escaped there.
package enum CommitRecordCoding {
    /// The most bytes of a record that are read: a commit of some tens of thousands of files.
    package static let bytesMax = 16 << 20

    /// Why bytes are not a usable commit record.
    package struct Failure: Error, Hashable, CustomStringConvertible {
        package let description: String
        /// Whether a later version of this program may be able to read it.
        package var isNewer = false
    }

    /// The fields that tell whether the rest can be read.
    private struct Head: Decodable {
        var version: Int
        var kind: String
    }

    private static let checksumLine = Array("\n  \"recordChecksum\" : \"".utf8)
    private static let noDigits = "00000000"

    /// A record with its checksum field.
    private struct Checked: Encodable {
        var record: CommitRecord

        private enum CodingKeys: String, CodingKey { case recordChecksum }

        func encode(to encoder: any Encoder) throws {
            try record.encode(to: encoder)
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encode(noDigits, forKey: .recordChecksum)
        }
    }

    package static func bytes(of record: CommitRecord) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        var bytes = Array(try encoder.encode(Checked(record: record))) + [UInt8(ascii: "\n")]
        guard let place = placeOfDigits(in: bytes) else {
            preconditionFailure("the encoder writes one field a line, with two spaces before it")
        }
        bytes.replaceSubrange(place, with: checksum(of: bytes).utf8)
        return bytes
    }

    /// - Throws: if the bytes are damaged, are not a commit record, or were written by a later version.
    package static func record(from bytes: [UInt8]) throws(Failure) -> StoredRecord {
        let hasChecksum = try verify(bytes)
        let decoder = JSONDecoder()
        let data = Data(bytes)
        guard let head = try? decoder.decode(Head.self, from: data) else {
            throw Failure(description: "it is damaged: it is not JSON with a version and a kind")
        }
        guard (1...CommitRecord.currentVersion).contains(head.version) else {
            let reads = "this one reads versions 1 to \(CommitRecord.currentVersion)"
            throw Failure(description: "a newer hera wrote it, in version \(head.version); \(reads)", isNewer: true)
        }
        guard CommitRecord.Kind(rawValue: head.kind) != nil else {
            throw Failure(
                description:
                    "its kind '\(head.kind.debugDescription.dropFirst().dropLast())' is not known here; a newer hera wrote it",
                isNewer: true
            )
        }
        guard hasChecksum || head.version == 1 else { throw Failure(description: "it is damaged: it has no checksum") }
        do {
            return StoredRecord(record: try decoder.decode(CommitRecord.self, from: data), digest: digest(of: bytes))
        } catch {
            throw Failure(description: "it is damaged: \(words(for: error))")
        }
    }

    /// SHA-256 in hexadecimal digits: what the next record says about these bytes.
    package static func digest(of bytes: [UInt8]) -> String {
        SHA256.hash(data: bytes).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }

    /// Whether there is a checksum; version 1 has none.
    private static func verify(_ bytes: [UInt8]) throws(Failure) -> Bool {
        guard let place = placeOfDigits(in: bytes) else { return false }
        var zeroed = bytes
        zeroed.replaceSubrange(place, with: noDigits.utf8)
        let found = checksum(of: zeroed)
        guard found.utf8.elementsEqual(bytes[place]) else {
            throw Failure(description: "it is damaged: its checksum is \(found), not the one that it says")
        }
        return true
    }

    private static func placeOfDigits(in bytes: [UInt8]) -> Range<Int>? {
        guard let line = bytes.firstRange(of: checksumLine), line.upperBound + noDigits.utf8.count < bytes.count else {
            return nil
        }
        return line.upperBound..<line.upperBound + noDigits.utf8.count
    }

    private static func checksum(of bytes: [UInt8]) -> String {
        var checksum = CRC32C()
        checksum.update(bytes)
        return checksum.digits
    }

    /// Foundation's own texts are not meant for operators.
    private static func words(for error: any Error) -> String {
        switch error {
        case DecodingError.keyNotFound(let key, _): "it has no field '\(key.stringValue)'"
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
            "its field '\(context.codingPath.map(\.stringValue).joined(separator: "."))' has another type"
        default: "it is not a commit record"
        }
    }
}
