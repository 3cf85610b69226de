import Checksums

/// Bytes that violate the protocol. Decoding never traps: any input gives a value or this error.
package struct DecodeError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What is wrong with the bytes.
    package enum Problem: Equatable, Sendable {
        /// A field needs more bytes than are left.
        case truncated(needed: Int, available: Int)
        /// An impossible length or count: negative, or null where null is not allowed.
        case invalidLength(Int)
        /// The arrays of the message have more elements than are accepted.
        case tooManyElements(count: Int, limit: Int)
        /// A variable-length integer is longer than its type allows.
        case malformedVarint
        /// A string is not UTF-8.
        case malformedUTF8
        /// Bytes are left after the end of the message.
        case trailingBytes(Int)
        /// No API with this key is served.
        case unknownAPI(key: Int16)
        /// The API is known, this version of it is not.
        case unsupportedVersion(api: APIKey, version: Int16)
        /// A frame's length prefix is negative or greater than what is accepted.
        case frameLength(Int, limit: Int)
        /// The record format is not version 2, which came with Kafka 0.11.
        case unsupportedMagic(Int8)
        /// A record batch states an impossible length.
        case batchLength(Int, available: Int)
        /// The CRC-32C of a record batch does not match its bytes.
        case checksumMismatch(stored: UInt32, computed: UInt32)
        /// The number of records is negative, or contradicts the batch's last offset.
        case recordCount(Int32, lastOffsetDelta: Int32)
    }

    /// What is wrong.
    package let problem: Problem
    /// Where it was found: bytes from the start of the input.
    package let position: Int

    package init(_ problem: Problem, at position: Int = 0) {
        self.problem = problem
        self.position = position
    }

    package var description: String { "\(problem.words), at byte \(position)" }
}

extension DecodeError.Problem {
    fileprivate var words: String {
        switch self {
        case .truncated(let needed, let available): "\(needed) bytes are needed, \(available) are left"
        case .invalidLength(let length): "\(length) is not a valid length"
        case .tooManyElements(let count, let limit): "\(count) elements are more than the accepted \(limit)"
        case .malformedVarint: "a variable-length integer does not end"
        case .malformedUTF8: "a string is not UTF-8"
        case .trailingBytes(let count): "\(count) bytes are left after the end of the message"
        case .unknownAPI(let key): "there is no API with key \(key)"
        case .unsupportedVersion(let api, let version): "\(api) has no version \(version) here"
        case .frameLength(let length, let limit): "a frame of \(length) bytes is not accepted (at most \(limit))"
        case .unsupportedMagic(let magic): "records of format \(magic) are not accepted, only those of format 2"
        case .batchLength(let length, let available):
            "a record batch states a length of \(length) bytes, \(available) are available"
        case .checksumMismatch(let stored, let computed):
            "a record batch states CRC-32C 0x\(CRC32C.digits(of: stored)), its bytes have 0x\(CRC32C.digits(of: computed))"
        case .recordCount(let count, let delta): "a batch of \(count) records has the last offset delta \(delta)"
        }
    }
}
