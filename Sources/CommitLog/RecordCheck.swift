import KafkaProtocol

/// Whether uncompressed records are what ``RecordIterator`` can read, so that nothing is stored that a lookup by time
/// would later take for damage.
///
/// All that producers send goes through here, so it reads the fields in place and makes no values of them.
enum RecordCheck {
    /// What is wrong with the records of a batch; `nil` where there are `count` of them, the fields of each fill it,
    /// their offsets follow one another, and the last one ends where the batch does.
    static func problem(with batch: RawSpan, count: Int32) -> String? {
        var position = RecordBatchHeader.byteCount
        for offsetDelta in 0..<Int64(count) {
            guard isRecord(batch, &position, offsetDelta: offsetDelta) else {
                return "its record \(offsetDelta) is malformed"
            }
        }
        return position == batch.byteCount ? nil : "its records do not fill it"
    }

    private static func isRecord(_ batch: RawSpan, _ position: inout Int, offsetDelta: Int64) -> Bool {
        guard let length = varint(batch, &position), length > 0, length <= batch.byteCount - position else {
            return false
        }
        let end = position + Int(length)
        // The attributes, of which none are in use.
        position += 1
        guard varlong(batch, &position, byteCountMax: 10) != nil, varint(batch, &position) == offsetDelta,
            skipBytes(batch, &position, least: -1), skipBytes(batch, &position, least: -1),
            let headers = varint(batch, &position), headers >= 0, headers <= Limits.headersPerRecordMax
        else { return false }
        for _ in 0..<headers {
            guard skipBytes(batch, &position, least: 0), skipBytes(batch, &position, least: -1) else { return false }
        }
        return position == end
    }

    /// Goes over a length and that many bytes; `least` is -1 where they may be null.
    private static func skipBytes(_ batch: RawSpan, _ position: inout Int, least: Int64) -> Bool {
        guard let length = varint(batch, &position), length >= least, length <= batch.byteCount - position else {
            return false
        }
        position += max(0, Int(length))
        return true
    }

    private static func varint(_ batch: RawSpan, _ position: inout Int) -> Int64? {
        guard let value = varlong(batch, &position, byteCountMax: 5), Int64(Int32.min)...Int64(Int32.max) ~= value
        else { return nil }
        return value
    }

    /// A zigzag variable-length integer of at most so many bytes.
    private static func varlong(_ batch: RawSpan, _ position: inout Int, byteCountMax: Int) -> Int64? {
        var value: UInt64 = 0
        for index in 0..<byteCountMax {
            guard position < batch.byteCount else { return nil }
            // Unsafe, and right: the place was checked just now, and any byte is an integer.
            let byte = batch.unsafeLoadUnaligned(fromUncheckedByteOffset: position, as: UInt8.self)
            position += 1
            // The tenth byte has room for one bit only.
            if index == 9, byte > 1 { return nil }
            value |= UInt64(byte & 0x7F) << UInt64(7 * index)
            if byte < 0x80 { return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1) }
        }
        return nil
    }
}
