import KafkaProtocol
package import NIOCore

/// The records of one batch of the log, decompressed, and where the parts of each of them are. The layout is drawn at
/// ``RecordCheck``.
struct StoredRecords {
    /// One record among ``bytes``.
    struct Place {
        /// All of it, its length included.
        let bytes: Range<Int>
        let timestampDelta: Int64
        let offsetDelta: Int64
        /// From the offset delta to its end.
        let rest: Range<Int>
        /// `nil` where the key is null.
        let key: Range<Int>?
        /// `nil` where the value is null.
        let value: Range<Int>?

        var isTombstone: Bool { value == nil }
    }

    /// The records one after the other.
    let bytes: ByteBuffer

    /// - Returns: `nil` where they cannot be decompressed within the bounds or are not what the header says: an earlier
    ///   version took compressed batches unread.
    init?(_ batch: ByteBuffer, _ header: RecordBatchHeader, _ bounds: RecordDecompressor.Bounds) {
        guard let codec = header.attributes.codec,
            let records = batch.getSlice(
                at: batch.readerIndex + RecordBatchHeader.byteCount,
                length: header.totalByteCount - RecordBatchHeader.byteCount
            )
        else { return nil }
        if codec == .none {
            bytes = records
        } else {
            var decompressed = ByteBuffer()
            do throws(DecompressionError) {
                try RecordDecompressor.decompress(records.readableBytesSpan, codec, bounds) { piece in
                    piece.withUnsafeBytes { _ = decompressed.writeBytes($0) }
                    return true
                }
            } catch {
                return nil
            }
            bytes = decompressed
        }
        var previous: Int64 = -1
        var count: Int32 = 0
        let isRight = forEach { place in
            count += 1
            defer { previous = place.offsetDelta }
            return place.offsetDelta > previous && place.offsetDelta <= header.lastOffsetDelta
        }
        guard isRight, count == header.recordCount else { return nil }
    }

    /// Calls `body` with each record, in order, as long as it returns `true`.
    ///
    /// - Returns: whether all were read, and each was well formed.
    @discardableResult
    func forEach(_ body: (Place) -> Bool) -> Bool {
        let span = bytes.readableBytesSpan
        var reader = Reader()
        while reader.position < span.byteCount {
            guard let place = reader.record(in: span), body(place) else { return false }
        }
        return true
    }

    /// Reads the fields of records in place.
    private struct Reader {
        private(set) var position = 0

        /// The record at ``position``; `nil` where there is none.
        mutating func record(in span: RawSpan) -> Place? {
            let start = position
            guard let length = varlong(in: span), length > 0, length <= Int64(span.byteCount - position) else {
                return nil
            }
            let end = position + Int(length)
            // The attributes, of which none are in use.
            position += 1
            guard let timestampDelta = varlong(in: span), position <= end else { return nil }
            let rest = position..<end
            guard let offsetDelta = varlong(in: span), let keyLength = varlong(in: span),
                let key = skip(keyLength, before: end), let valueLength = varlong(in: span),
                let value = skip(valueLength, before: end)
            else { return nil }
            position = end
            return Place(
                bytes: start..<end,
                timestampDelta: timestampDelta,
                offsetDelta: offsetDelta,
                rest: rest,
                key: keyLength < 0 ? nil : key,
                value: valueLength < 0 ? nil : value
            )
        }

        /// The next `length` bytes, none for -1; `nil` where there are not so many.
        private mutating func skip(_ length: Int64, before end: Int) -> Range<Int>? {
            guard length >= -1, position <= end, length <= Int64(end - position) else { return nil }
            let bytes = position..<(position + max(0, Int(length)))
            position = bytes.upperBound
            return bytes
        }

        /// A zigzag variable-length integer.
        private mutating func varlong(in span: RawSpan) -> Int64? {
            var bits: UInt64 = 0
            var shift: UInt64 = 0
            while position < span.byteCount, shift < 70 {
                // Safe: the position was just checked, and any byte is an integer.
                let byte = span.unsafeLoadUnaligned(fromUncheckedByteOffset: position, as: UInt8.self)
                position += 1
                bits |= UInt64(byte & 0x7F) << shift
                if byte < 0x80 { return Int64(bitPattern: bits >> 1) ^ -Int64(bitPattern: bits & 1) }
                shift += 7
            }
            return nil
        }
    }
}

extension ByteBuffer {
    /// Writes a zigzag variable-length integer.
    package mutating func writeVarlong(_ value: Int64) {
        var rest = UInt64(bitPattern: (value << 1) ^ (value >> 63))
        while rest >= 0x80 {
            writeInteger(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        writeInteger(UInt8(rest))
    }
}
