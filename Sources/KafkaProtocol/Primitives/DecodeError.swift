/// Bytes that are not what the protocol says they must be. Decoding never traps: whatever a peer sends ends here.
package struct DecodeError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What is wrong with the bytes.
    package enum Problem: Equatable, Sendable {
        /// A field needs more bytes than are left.
        case truncated(needed: Int, available: Int)
        /// A length or a count that no value can have (a negative one, or null where null is not allowed).
        case invalidLength(Int)
        /// The arrays of the message have more elements than are accepted.
        case tooManyElements(count: Int, limit: Int)
        /// A variable-length integer goes on beyond its type's longest form.
        case malformedVarint
        /// A string is not UTF-8.
        case malformedUTF8
        /// The message ended, its bytes did not.
        case trailingBytes(Int)
        /// No API has this key here.
        case unknownAPI(key: Int16)
        /// The API is known, this version of it is not.
        case unsupportedVersion(api: APIKey, version: Int16)
        /// A frame's length prefix is negative or greater than what is accepted.
        case frameLength(Int, limit: Int)
        /// The record format is not version 2, which came with Kafka 0.11.
        case unsupportedMagic(Int8)
        /// A record batch says a length that it cannot have.
        case batchLength(Int, available: Int)
        /// The CRC-32C of a record batch is not the one that it carries.
        case checksumMismatch(stored: UInt32, computed: UInt32)
        /// The number of records does not fit the batch's last offset, or is none.
        case recordCount(Int32, lastOffsetDelta: Int32)
    }

    /// What is wrong.
    package let problem: Problem
    /// Where it was met: the distance in bytes from the start of what was decoded.
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
        case .truncated(let needed, let available): "\(needed) bytes are needed and \(available) are left"
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
            "a record batch says it has \(length) bytes and \(available) are there"
        case .checksumMismatch(let stored, let computed):
            "a record batch carries CRC-32C \(hexadecimal(stored)) and its bytes have \(hexadecimal(computed))"
        case .recordCount(let count, let delta): "a batch of \(count) records has the last offset delta \(delta)"
        }
    }

    private func hexadecimal(_ value: UInt32) -> String {
        let digits = String(value, radix: 16)
        return "0x" + String(repeating: "0", count: 8 - digits.count) + digits
    }
}
