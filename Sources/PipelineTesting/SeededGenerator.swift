/// A small random number generator that gives the same numbers for the same seed everywhere: SplitMix64
/// (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014). The tests' own: a seed that once found a
/// fault goes on finding it whatever becomes of the generators of the product.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    /// What the sequence began with; it goes into the message of a failing test.
    public let seed: UInt64
    private var state: UInt64

    public init(seed: UInt64) {
        self.seed = seed
        state = seed
    }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// True with a probability of `numerator` in `denominator`.
    public mutating func chance(_ numerator: Int, in denominator: Int) -> Bool {
        Int.random(in: 0..<denominator, using: &self) < numerator
    }
}
