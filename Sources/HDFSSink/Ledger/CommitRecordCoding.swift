import Crypto
import Foundation

/// Commit records as bytes: JSON with sorted keys, one record a file, a line feed at its end.
package enum CommitRecordCoding {
    /// The most bytes of a record that are read: a commit of some tens of thousands of files.
    package static let bytesMax = 16 << 20

    package static func bytes(of record: CommitRecord) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return Array(try encoder.encode(record)) + [UInt8(ascii: "\n")]
    }

    package static func record(from bytes: [UInt8]) throws -> StoredRecord {
        let record = try JSONDecoder().decode(CommitRecord.self, from: Data(bytes))
        return StoredRecord(record: record, digest: digest(of: bytes))
    }

    /// SHA-256 in hexadecimal digits: what the next record says about these bytes.
    package static func digest(of bytes: [UInt8]) -> String {
        SHA256.hash(data: bytes).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
