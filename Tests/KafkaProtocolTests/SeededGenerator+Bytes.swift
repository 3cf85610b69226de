import NIOCore
import PipelineTesting

extension SeededGenerator {
    /// A number from 0 to below `bound`.
    mutating func number(below bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }

    /// Up to `byteCountMax` bytes; small ones are more frequent, for lengths that can be.
    mutating func buffer(byteCountMax: Int) -> ByteBuffer {
        var buffer = ByteBuffer()
        for _ in 0..<number(below: byteCountMax + 1) {
            let word = next()
            buffer.writeInteger(word & 0x300 == 0 ? UInt8(truncatingIfNeeded: word) : UInt8(word & 0x07))
        }
        return buffer
    }
}
