import CISAL

/// CRC-32C (Castagnoli), by the processor's own instructions: the checksum of files and records in commit records.
package struct CRC32C: Hashable, Sendable {
    private var register: UInt32 = ~0

    package init() {}

    /// The checksum of all bytes so far.
    package var value: UInt32 { ~register }

    /// The checksum as commit records have it: 8 hexadecimal digits.
    package var digits: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 8 - digits.utf8.count) + digits
    }

    package mutating func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { update($0) }
    }

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes[...]
        while !rest.isEmpty {
            // ISA-L counts in 32 bits, and only reads although its pointer does not say so.
            let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(Int(Int32.max)))
            guard let start = piece.bindMemory(to: UInt8.self).baseAddress else { return }
            register = crc32_iscsi(UnsafeMutablePointer(mutating: start), Int32(piece.count), register)
            rest = rest.dropFirst(piece.count)
        }
    }
}
