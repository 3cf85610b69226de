import KafkaProtocol
import NIOCore
import PipelineTesting
import Testing

@Suite struct RecordVarintsTests {
    @Test(
        arguments: [
            (Int64(0), [0x00]), (-1, [0x01]), (1, [0x02]), (-64, [0x7F]), (64, [0x80, 0x01]),
            (Int64(Int32.min), [0xFF, 0xFF, 0xFF, 0xFF, 0x0F]),
            (Int64.max, [0xFE] + [UInt8](repeating: 0xFF, count: 8) + [0x01]),
            (Int64.min, [UInt8](repeating: 0xFF, count: 9) + [0x01]),
        ] as [(Int64, [UInt8])]
    )
    func zigzagVarintsHaveTheirBytes(value: Int64, bytes: [UInt8]) throws {
        var writer = WireWriter()
        writer.varlong(value)
        #expect(Array(writer.buffer.readableBytesView) == bytes)
        var reader = WireReader(writer.buffer)
        #expect(try reader.varlong() == value)
        if let narrow = Int32(exactly: value) {
            var reader = WireReader(writer.buffer)
            #expect(try reader.varint() == narrow)
        }
    }

    @Test(arguments: [[UInt8](repeating: 0xFF, count: 9) + [0x02], [UInt8](repeating: 0x80, count: 10)])
    func varintsBeyond64BitsAreErrors(bytes: [UInt8]) {
        var reader = WireReader(ByteBuffer(bytes: bytes))
        let error = #expect(throws: DecodeError.self) { try reader.varlong() }
        #expect(error?.problem == .malformedVarint)
    }
}
