import NIOCore
import Testing

@testable import KafkaProtocol

@Suite struct WirePrimitivesTests {
    @Test(arguments: [
        (UInt32(0), "00"), (127, "7f"), (128, "8001"), (300, "ac02"), (16_383, "ff7f"), (UInt32.max, "ffffffff0f"),
    ])
    func unsignedVarintsHaveTheirBytes(value: UInt32, bytes: String) throws {
        var writer = WireWriter()
        writer.unsignedVarint(value)
        #expect(writer.buffer.hexadecimal == bytes)
        var reader = WireReader(writer.buffer)
        #expect(try reader.unsignedVarint() == value)
        try reader.end()
    }

    @Test(arguments: ["8080808080", "ffffffff1f", "ffffffff7f", "ffffffffffffffffff01"])
    func varintsBeyond32BitsAreErrors(bytes: String) throws {
        var reader = WireReader(try ByteBuffer(hexadecimal: bytes))
        let error = #expect(throws: DecodeError.self) { try reader.unsignedVarint() }
        #expect(error?.problem == .malformedVarint)
    }

    @Test(arguments: [false, true])
    func everyKindOfFieldComesBack(isFlexible: Bool) throws {
        let fields = EveryKind(
            flag: true,
            small: -8,
            short: -16,
            int: -32,
            long: -64,
            text: "città",
            maybe: nil,
            other: "",
            bytes: ByteBuffer(string: "abc"),
            noBytes: nil,
            numbers: [1, -1],
            noNumbers: nil,
            names: ["a", ""]
        )
        var copy = fields
        var writer = WireWriter(isFlexible: isFlexible)
        copy.code(&writer)
        var reader = WireReader(writer.buffer, isFlexible: isFlexible)
        var read = EveryKind()
        try read.code(&reader)
        try reader.end()
        #expect(read == fields)
    }

    @Test func classicAndCompactLengthsHaveTheirBytes() {
        var text: String? = "ab"
        var none: [Int32]?
        var classic = WireWriter()
        classic.nullableString(&text)
        classic.nullableArray(&none)
        #expect(classic.buffer.hexadecimal == "00026162ffffffff")
        var compact = WireWriter(isFlexible: true)
        compact.nullableString(&text)
        compact.nullableArray(&none)
        compact.taggedFields()
        #expect(compact.buffer.hexadecimal == "0361620000")
    }

    @Test func nullIsAnErrorWhereItIsNotAllowed() throws {
        var text = ""
        var classic = WireReader(try ByteBuffer(hexadecimal: "ffff"))
        #expect(throws: DecodeError(.invalidLength(-1), at: 2)) { try classic.string(&text) }
        var compact = WireReader(try ByteBuffer(hexadecimal: "00"), isFlexible: true)
        #expect(throws: DecodeError(.invalidLength(-1), at: 1)) { try compact.string(&text) }
    }

    @Test func negativeLengthsOtherThanNullAreErrors() throws {
        var text: String? = ""
        var reader = WireReader(try ByteBuffer(hexadecimal: "fffe"))
        #expect(throws: DecodeError(.invalidLength(-2), at: 2)) { try reader.nullableString(&text) }
        var bytes: ByteBuffer?
        reader = WireReader(try ByteBuffer(hexadecimal: "80000000"))
        #expect(throws: DecodeError(.invalidLength(Int(Int32.min)), at: 4)) { try reader.nullableBytes(&bytes) }
    }

    @Test func lengthsBeyondTheInputAreErrorsBeforeAnythingIsAllocated() throws {
        var names: [String] = []
        var reader = WireReader(try ByteBuffer(hexadecimal: "7fffffff0000"))
        #expect(throws: DecodeError(.truncated(needed: Int(Int32.max), available: 2), at: 4)) {
            try reader.array(&names)
        }
        var bytes = ByteBuffer()
        reader = WireReader(try ByteBuffer(hexadecimal: "fffffffe0fff"), isFlexible: true)
        #expect(throws: DecodeError.self) { try reader.bytes(&bytes) }
    }

    @Test func aMessageCannotHaveMoreElementsThanTheLimit() throws {
        let half = Limits.elementsPerMessageMax / 2 + 1
        var input = ByteBuffer()
        for _ in 0..<2 {
            input.writeInteger(Int32(half))
            input.writeRepeatingByte(0, count: 4 * half)
        }
        var reader = WireReader(input)
        var numbers: [Int32] = []
        try reader.array(&numbers)
        #expect(numbers.count == half)
        let error = #expect(throws: DecodeError.self) { try reader.array(&numbers) }
        #expect(error?.problem == .tooManyElements(count: half, limit: Limits.elementsPerMessageMax))
    }

    @Test func textThatIsNotUTF8IsAnError() throws {
        var text = ""
        var reader = WireReader(try ByteBuffer(hexadecimal: "0002c328"))
        let error = #expect(throws: DecodeError.self) { try reader.string(&text) }
        #expect(error?.problem == .malformedUTF8)
    }

    @Test func aFlexibleStringIsNoLongerThanAClassicOne() throws {
        var writer = WireWriter(isFlexible: true)
        writer.unsignedVarint(UInt32(Limits.stringByteCountMax + 2))
        writer.append(ByteBuffer(repeating: 0x61, count: Limits.stringByteCountMax + 1))
        var reader = WireReader(writer.buffer, isFlexible: true)
        var text = ""
        #expect(throws: DecodeError.self) { try reader.string(&text) }
    }

    @Test func aTextTooLongToWriteIsClippedBetweenCharacters() throws {
        var text = String(repeating: "à", count: 20_000)
        var writer = WireWriter()
        writer.string(&text)
        var reader = WireReader(writer.buffer)
        var read = ""
        try reader.string(&read)
        #expect(read == String(repeating: "à", count: Limits.stringByteCountMax / 2))
        try reader.end()
    }

    @Test func unknownTaggedFieldsAreSkipped() throws {
        var reader = WireReader(try ByteBuffer(hexadecimal: "02 00 01 ff 05 00 0000002a"), isFlexible: true)
        try reader.taggedFields()
        #expect(try reader.integer(Int32.self) == 42)
    }

    @Test func aHostileNumberOfTaggedFieldsEndsWithTheInput() throws {
        var reader = WireReader(try ByteBuffer(hexadecimal: "ffffffff0f 00 00"), isFlexible: true)
        #expect(throws: DecodeError.self) { try reader.taggedFields() }
    }

    @Test func readBytesShareTheInputsStorage() throws {
        var writer = WireWriter()
        var bytes = ByteBuffer(repeating: 7, count: 1 << 16)
        writer.bytes(&bytes)
        let input = writer.buffer
        var reader = WireReader(input)
        var read = ByteBuffer()
        try reader.bytes(&read)
        let start = input.withUnsafeReadableBytes { UInt(bitPattern: $0.baseAddress) }
        #expect(read.withUnsafeReadableBytes { UInt(bitPattern: $0.baseAddress) } == start + 4)
    }
}

/// One field of each kind.
private struct EveryKind: WireFields {
    var flag = false
    var small: Int8 = 0
    var short: Int16 = 0
    var int: Int32 = 0
    var long: Int64 = 0
    var text = ""
    var maybe: String? = ""
    var other: String?
    var bytes = ByteBuffer()
    var noBytes: ByteBuffer? = ByteBuffer()
    var numbers: [Int32] = []
    var noNumbers: [Int32]? = []
    var names: [String] = []

    mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.bool(&flag)
        try coder.int8(&small)
        try coder.int16(&short)
        try coder.int32(&int)
        try coder.int64(&long)
        try coder.string(&text)
        try coder.nullableString(&maybe)
        try coder.nullableString(&other)
        try coder.bytes(&bytes)
        try coder.nullableBytes(&noBytes)
        try coder.array(&numbers)
        try coder.nullableArray(&noNumbers)
        try coder.array(&names)
        try coder.taggedFields()
    }

    @Test(arguments: ["", "a", "fifteen letters", "more than fifteen letters", "perché no", "\u{1F600}"])
    func aTextIsWhatItWas(text: String) throws {
        var reader = WireReader(ByteBuffer(string: text))
        let read = try reader.utf8(byteCount: text.utf8.count)
        #expect(read == text)
        #expect(Array(read.utf8) == Array(text.utf8))
    }
}
