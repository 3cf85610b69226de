import NIOCore

/// Bytes that look random and are the same for the same seed (SplitMix64).
struct SeededBytes: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

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
