extension WireReader {
    /// The next unsigned variable-length integer of at most 32 bits.
    package mutating func unsignedVarint() throws(DecodeError) -> UInt32 {
        let wide = try unsigned(byteCountMax: 5)
        guard let value = UInt32(exactly: wide) else { throw error(.malformedVarint) }
        return value
    }

    /// The next zigzag variable-length integer of at most 32 bits.
    package mutating func varint() throws(DecodeError) -> Int32 {
        let raw = try unsignedVarint()
        return Int32(bitPattern: raw >> 1) ^ -Int32(bitPattern: raw & 1)
    }

    /// The next zigzag variable-length integer of at most 64 bits.
    package mutating func varlong() throws(DecodeError) -> Int64 {
        let raw = try unsigned(byteCountMax: 10)
        return Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1)
    }

    private mutating func unsigned(byteCountMax: Int) throws(DecodeError) -> UInt64 {
        var value: UInt64 = 0
        for index in 0..<byteCountMax {
            let byte = try integer(UInt8.self)
            // The tenth byte has room for one bit only.
            if index == 9, byte > 1 { throw error(.malformedVarint) }
            value |= UInt64(byte & 0x7f) << UInt64(7 * index)
            if byte < 0x80 { return value }
        }
        throw error(.malformedVarint)
    }
}
