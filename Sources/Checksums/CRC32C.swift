internal import CISAL

/// CRC-32C (Castagnoli) by the processor's own instructions, through ISA-L: the checksum of record batches, journals,
/// state files and the files of the raw zone.
package struct CRC32C: Hashable, Sendable {
    private var register: UInt32 = ~0

    package init() {}

    /// The checksum of bytes that follow others, and of these, whose checksum is `value`.
    package init(after value: UInt32) { register = ~value }

    /// The checksum of `bytes`.
    package static func checksum(of bytes: RawSpan) -> UInt32 {
        var checksum = CRC32C()
        checksum.update(bytes)
        return checksum.value
    }

    /// The checksum of all bytes so far.
    package var value: UInt32 { ~register }

    /// The checksum as texts carry it: 8 hexadecimal digits.
    package var digits: String { Self.digits(of: value) }

    /// A checksum as texts carry it.
    package static func digits(of value: UInt32) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 8 - digits.utf8.count) + digits
    }

    package mutating func update(_ bytes: RawSpan) { bytes.withUnsafeBytes { update($0) } }

    package mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes[...]
        while !rest.isEmpty {
            // ISA-L counts in 32 bits. It only reads, although its pointer is a mutable one.
            let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(Int(Int32.max)))
            let start = piece.baseAddress?.assumingMemoryBound(to: UInt8.self)
            register = crc32_iscsi(UnsafeMutablePointer(mutating: start), Int32(piece.count), register)
            rest = rest.dropFirst(piece.count)
        }
    }
}
