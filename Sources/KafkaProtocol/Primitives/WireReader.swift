package import NIOCore

/// Reads a message's fields from untrusted bytes: every length is checked against what is left before
/// anything is allocated for it, and byte fields are slices that share the input's storage.
package struct WireReader: WireCoder {
    package typealias Failure = DecodeError

    package let version: Int16
    package let isFlexible: Bool
    /// What has not been read yet.
    package private(set) var buffer: ByteBuffer
    private var start: Int
    private var elementsLeft = Limits.elementsPerMessageMax

    /// A reader of what is readable in `buffer`.
    package init(_ buffer: ByteBuffer, version: Int16 = 0, isFlexible: Bool = false) {
        self.buffer = buffer
        self.start = buffer.readerIndex
        self.version = version
        self.isFlexible = isFlexible
    }

    /// How many bytes have been read.
    package var position: Int { buffer.readerIndex - start }
    /// How many bytes are left.
    package var remaining: Int { buffer.readableBytes }

    /// `problem`, at the position of the next byte.
    package func error(_ problem: DecodeError.Problem) -> DecodeError { DecodeError(problem, at: position) }

    /// Checks that nothing is left.
    package func end() throws(DecodeError) {
        guard remaining == 0 else { throw error(.trailingBytes(remaining)) }
    }

    /// The next big-endian integer.
    package mutating func integer<Integer: FixedWidthInteger>(
        _ type: Integer.Type = Integer.self
    ) throws(DecodeError) -> Integer {
        guard let value = buffer.readInteger(as: type) else { throw truncated(MemoryLayout<Integer>.size) }
        return value
    }

    package mutating func int8(_ value: inout Int8) throws(DecodeError) { value = try integer() }
    package mutating func int16(_ value: inout Int16) throws(DecodeError) { value = try integer() }
    package mutating func int32(_ value: inout Int32) throws(DecodeError) { value = try integer() }
    package mutating func int64(_ value: inout Int64) throws(DecodeError) { value = try integer() }
    package mutating func bool(_ value: inout Bool) throws(DecodeError) { value = try integer(UInt8.self) != 0 }

    package mutating func uuid(_ value: inout KafkaUUID) throws(DecodeError) {
        guard remaining >= 16 else { throw truncated(16) }
        let mostSignificant = try integer(UInt64.self)
        value = KafkaUUID(mostSignificant: mostSignificant, leastSignificant: try integer())
    }

    package mutating func string(_ value: inout String) throws(DecodeError) {
        guard let count = try stringLength() else { throw error(.invalidLength(-1)) }
        value = try utf8(byteCount: count)
    }

    package mutating func nullableString(_ value: inout String?) throws(DecodeError) {
        guard let count = try stringLength() else {
            value = nil
            return
        }
        value = try utf8(byteCount: count)
    }

    package mutating func bytes(_ value: inout ByteBuffer) throws(DecodeError) {
        guard let count = try length() else { throw error(.invalidLength(-1)) }
        value = try slice(byteCount: count)
    }

    package mutating func nullableBytes(_ value: inout ByteBuffer?) throws(DecodeError) {
        guard let count = try length() else {
            value = nil
            return
        }
        value = try slice(byteCount: count)
    }

    package mutating func array<Element: WireFields>(_ value: inout [Element]) throws(DecodeError) {
        guard let count = try length() else { throw error(.invalidLength(-1)) }
        value = try elements(count)
    }

    package mutating func nullableArray<Element: WireFields>(_ value: inout [Element]?) throws(DecodeError) {
        guard let count = try length() else {
            value = nil
            return
        }
        value = try elements(count)
    }

    package mutating func nullable<Structure: WireFields>(_ value: inout Structure?) throws(DecodeError) {
        value = nil
        guard try integer(Int8.self) >= 0 else { return }
        var structure = Structure()
        try structure.read(from: &self)
        value = structure
    }

    package mutating func records(_ value: inout FetchedRecords) throws(DecodeError) {
        var bytes: ByteBuffer?
        try nullableBytes(&bytes)
        value = bytes.map(FetchedRecords.bytes) ?? .none
    }

    package mutating func taggedFields() throws(DecodeError) {
        guard isFlexible else { return }
        let count = try unsignedVarint()
        // A tagged field has at least two bytes, so a hostile count ends with the input.
        for _ in 0..<count {
            _ = try unsignedVarint()
            _ = try slice(byteCount: Int(try unsignedVarint()))
        }
    }

    package mutating func taggedFields<Fields: TaggedFields>(_ fields: inout Fields) throws(DecodeError) {
        guard isFlexible else { return }
        let count = try unsignedVarint()
        for _ in 0..<count {
            let tag = try unsignedVarint()
            let byteCount = Int(try unsignedVarint())
            let position = position
            // A nested reader, so that the field ends where its size says; its positions are those of the message.
            var field = self
            field.buffer = try slice(byteCount: byteCount)
            field.start = field.buffer.readerIndex - position
            if try fields.code(tag: tag, &field) { try field.end() }
            elementsLeft = field.elementsLeft
        }
    }

    /// The next `byteCount` bytes, sharing the input's storage.
    package mutating func slice(byteCount: Int) throws(DecodeError) -> ByteBuffer {
        guard byteCount >= 0 else { throw error(.invalidLength(byteCount)) }
        guard let slice = buffer.readSlice(length: byteCount) else { throw truncated(byteCount) }
        return slice
    }

    /// The next `byteCount` bytes as text.
    package mutating func utf8(byteCount: Int) throws(DecodeError) -> String {
        guard byteCount >= 0 else { throw error(.invalidLength(byteCount)) }
        guard byteCount <= remaining else { throw truncated(byteCount) }
        guard let text = buffer.withUnsafeReadableBytes({ Self.text($0.prefix(byteCount)) }) else {
            throw error(.malformedUTF8)
        }
        buffer.moveReaderIndex(forwardBy: byteCount)
        return text
    }

    /// These bytes as text; `nil` where they are not UTF-8. Names are ASCII nearly always, which needs no validation.
    private static func text(_ bytes: Slice<UnsafeRawBufferPointer>) -> String? {
        guard bytes.reduce(0, |) < 0x80 else { return String(validating: bytes, as: UTF8.self) }
        return String(unsafeUninitializedCapacity: bytes.count) { room in
            UnsafeMutableRawBufferPointer(room).copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes))
            return bytes.count
        }
    }

    private mutating func stringLength() throws(DecodeError) -> Int? {
        guard isFlexible else {
            let length = try integer(Int16.self)
            return try classicLength(Int(length))
        }
        let length = try compactLength()
        if let length, length > Limits.stringByteCountMax { throw error(.invalidLength(length)) }
        return length
    }

    private mutating func length() throws(DecodeError) -> Int? {
        guard isFlexible else {
            let length = try integer(Int32.self)
            return try classicLength(Int(length))
        }
        return try compactLength()
    }

    private func classicLength(_ length: Int) throws(DecodeError) -> Int? {
        if length >= 0 { return length }
        guard length == -1 else { throw error(.invalidLength(length)) }
        return nil
    }

    private mutating func compactLength() throws(DecodeError) -> Int? {
        let raised = Int(try unsignedVarint())
        return raised == 0 ? nil : raised - 1
    }

    private mutating func elements<Element: WireFields>(_ count: Int) throws(DecodeError) -> [Element] {
        // Every element has at least one byte on the wire.
        guard count <= remaining else { throw truncated(count) }
        guard count <= elementsLeft else {
            throw error(.tooManyElements(count: count, limit: Limits.elementsPerMessageMax))
        }
        elementsLeft -= count
        var elements: [Element] = []
        elements.reserveCapacity(min(count, Limits.elementsReservedMax))
        for _ in 0..<count {
            var element = Element()
            try element.read(from: &self)
            elements.append(element)
        }
        return elements
    }

    private func truncated(_ needed: Int) -> DecodeError {
        error(.truncated(needed: needed, available: remaining))
    }
}

extension WireReader {
    /// The next unsigned variable-length integer of at most 32 bits.
    package mutating func unsignedVarint() throws(DecodeError) -> UInt32 {
        var wide: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 35, by: 7) {
            let byte = try integer(UInt8.self)
            wide |= UInt64(byte & 0x7F) << shift
            guard byte < 0x80 else { continue }
            guard let value = UInt32(exactly: wide) else { break }
            return value
        }
        throw error(.malformedVarint)
    }
}
