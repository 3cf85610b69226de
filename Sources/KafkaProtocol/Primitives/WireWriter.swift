package import NIOCore

/// Writes a message's fields. The layouts are drawn at ``WireCoder``.
package struct WireWriter: WireCoder {
    package typealias Failure = Never

    package let version: Int16
    package let isFlexible: Bool
    /// What was written, after what was in the buffer before.
    package private(set) var buffer: ByteBuffer
    /// Where bytes that are not in ``buffer`` belong: see ``ExternalBytes``.
    package private(set) var externalBytes: [ExternalBytes] = []

    /// A writer of a new buffer.
    package init(version: Int16 = 0, isFlexible: Bool = false) {
        self.buffer = ByteBuffer()
        self.version = version
        self.isFlexible = isFlexible
    }

    /// A writer that appends to `buffer`, which it takes, so that nothing is copied: give ``buffer`` back in the end.
    package init(taking buffer: inout ByteBuffer, version: Int16 = 0, isFlexible: Bool = false) {
        self.buffer = ByteBuffer()
        swap(&self.buffer, &buffer)
        self.version = version
        self.isFlexible = isFlexible
    }

    /// Appends a big-endian integer.
    package mutating func integer<Integer: FixedWidthInteger>(_ value: Integer) { buffer.writeInteger(value) }

    /// Appends bytes as they are.
    package mutating func append(_ bytes: ByteBuffer) { buffer.writeImmutableBuffer(bytes) }

    package mutating func int8(_ value: inout Int8) { integer(value) }
    package mutating func int16(_ value: inout Int16) { integer(value) }
    package mutating func int32(_ value: inout Int32) { integer(value) }
    package mutating func int64(_ value: inout Int64) { integer(value) }
    package mutating func bool(_ value: inout Bool) { integer(value ? UInt8(1) : UInt8(0)) }

    package mutating func uuid(_ value: inout KafkaUUID) {
        integer(value.mostSignificant)
        integer(value.leastSignificant)
    }

    package mutating func string(_ value: inout String) {
        let text = clipped(value)
        stringLength(text.utf8.count)
        buffer.writeString(text)
    }

    package mutating func nullableString(_ value: inout String?) {
        guard var text = value else { return stringLength(nil) }
        string(&text)
    }

    package mutating func bytes(_ value: inout ByteBuffer) {
        length(value.readableBytes)
        buffer.writeImmutableBuffer(value)
    }

    package mutating func nullableBytes(_ value: inout ByteBuffer?) {
        length(value?.readableBytes)
        if let value { buffer.writeImmutableBuffer(value) }
    }

    package mutating func array<Element: WireFields>(_ value: inout [Element]) {
        length(value.count)
        elements(value)
    }

    package mutating func nullableArray<Element: WireFields>(_ value: inout [Element]?) {
        length(value?.count)
        if let value { elements(value) }
    }

    package mutating func nullable<Structure: WireFields>(_ value: inout Structure?) {
        integer(Int8(value == nil ? -1 : 1))
        value?.write(into: &self)
    }

    package mutating func records(_ value: inout FetchedRecords) {
        switch value {
        case .none: length(nil)
        case .bytes(var bytes): self.bytes(&bytes)
        case .external(let byteCount):
            length(byteCount)
            externalBytes.append(ExternalBytes(position: buffer.writerIndex, byteCount: byteCount))
        }
    }

    package mutating func taggedFields() {
        if isFlexible { unsignedVarint(0) }
    }

    package mutating func taggedFields<Fields: TaggedFields>(_ fields: inout Fields) {
        guard isFlexible else { return }
        let tags = fields.presentTags
        unsignedVarint(UInt32(tags.count))
        for tag in tags {
            var field = WireWriter(version: version, isFlexible: true)
            guard fields.code(tag: tag, &field), field.externalBytes.isEmpty else {
                preconditionFailure("\(Fields.self) cannot write its tagged field \(tag)")
            }
            unsignedVarint(tag)
            unsignedVarint(UInt32(field.buffer.readableBytes))
            append(field.buffer)
        }
    }

    /// Writes `value` as an unsigned variable-length integer.
    package mutating func unsignedVarint(_ value: UInt32) {
        var rest = value
        while rest >= 0x80 {
            integer(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        integer(UInt8(truncatingIfNeeded: rest))
    }

    /// `text`, or as much of it as a string of the protocol can have: an error message may be too long.
    private func clipped(_ text: String) -> String {
        guard text.utf8.count > Limits.stringByteCountMax else { return text }
        var clipped = text.prefix(Limits.stringByteCountMax)
        while clipped.utf8.count > Limits.stringByteCountMax { clipped.removeLast() }
        return String(clipped)
    }

    private mutating func stringLength(_ count: Int?) {
        isFlexible ? compactLength(count) : integer(count.map { Int16(clamping: $0) } ?? -1)
    }

    private mutating func length(_ count: Int?) {
        isFlexible ? compactLength(count) : integer(count.map { Int32(clamping: $0) } ?? -1)
    }

    private mutating func compactLength(_ count: Int?) {
        unsignedVarint(count.map { UInt32(clamping: $0) &+ 1 } ?? 0)
    }

    private mutating func elements<Element: WireFields>(_ elements: [Element]) {
        for element in elements { element.write(into: &self) }
    }
}
