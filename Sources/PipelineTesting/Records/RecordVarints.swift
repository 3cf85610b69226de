package import KafkaProtocol

/// The zigzag variable-length integers of a record's fields. The log reads them in place: see `RecordCheck`.
extension WireWriter {
    /// Writes `value`; a `varint` and a `varlong` of the same value look the same.
    package mutating func varlong(_ value: Int64) {
        var rest = UInt64(bitPattern: (value << 1) ^ (value >> 63))
        while rest >= 0x80 {
            integer(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        integer(UInt8(truncatingIfNeeded: rest))
    }
}

extension WireReader {
    /// The next integer of at most 32 bits.
    package mutating func varint() throws(DecodeError) -> Int32 {
        let raw = try unsignedVarint()
        return Int32(bitPattern: raw >> 1) ^ -Int32(bitPattern: raw & 1)
    }

    /// The next integer of at most 64 bits.
    package mutating func varlong() throws(DecodeError) -> Int64 {
        var raw: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            let byte = try integer(UInt8.self)
            // The tenth byte has room for one bit only.
            if shift == 63, byte > 1 { break }
            raw |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1) }
        }
        throw error(.malformedVarint)
    }
}
