/// A small generator of random numbers (Steele, Lea and Flood 2014): the same seed gives the same numbers everywhere.
///
/// The analyzer's own, though the source and the tests have one of the same family: each one's sequence is a promise, of
/// the same segments here, of the same events there, and a change for one must not reach the others.
package struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) {
        state = seed
    }

    /// A generator of its own for each piece of work under one seed, so that pieces may run in any order.
    package init(seed: UInt64, _ pieces: Int...) {
        state = seed
        for piece in pieces {
            state ^= UInt64(truncatingIfNeeded: piece) &* 0xD134_2543_DE82_EF95
            state = next()
        }
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Evenly spread over [0, 1), in steps of 2⁻⁵³.
    package mutating func nextUnit() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    /// Evenly spread over 0 ..< `bound` (Lemire's multiplication; its bias is below 2⁻⁶⁴ · bound).
    package mutating func nextIndex(below bound: Int) -> Int {
        Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }
}
