/// Why compressed records cannot be decompressed.
package enum DecompressionError: Error, Hashable, Sendable, CustomStringConvertible {
    /// They are not exactly one complete stream of their codec.
    case malformed(CompressionCodec, String)
    /// They decompress to more bytes than are accepted.
    case tooLarge(limit: Int)

    package var description: String {
        switch self {
        case .malformed(let codec, let reason): "the records are not valid \(codec): \(reason)"
        case .tooLarge(let limit): "the records decompress to more than \(limit) bytes"
        }
    }
}
