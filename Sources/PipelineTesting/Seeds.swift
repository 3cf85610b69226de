import Foundation

/// The seeds that a seeded test runs with.
public enum Seeds {
    /// The environment variable that reruns a failure: its number replaces every list of seeds. It does not start with
    /// `HERA_`: every `hera` that a test starts inherits it, and refuses settings it does not know.
    public static let variable = "TEST_SEED"

    /// The given seeds, or only the one that ``variable`` asks for.
    public static func chosen(_ seeds: [UInt64]) -> [UInt64] {
        guard let text = ProcessInfo.processInfo.environment[variable], let seed = UInt64(text) else { return seeds }
        return [seed]
    }
}

/// A failure of a seeded test, with the seed that repeats it.
public struct SeedFailure: Error, CustomStringConvertible {
    public let seed: UInt64
    public let underlying: any Error

    public var description: String {
        "seed \(seed) (run again with \(Seeds.variable)=\(seed)): \(underlying)"
    }
}

/// Runs `body` with a generator of `seed`; what it throws comes out with the seed that repeats it.
public func withSeed<Result>(
    _ seed: UInt64,
    _ body: (inout SeededGenerator) async throws -> Result
) async throws -> Result {
    var generator = SeededGenerator(seed: seed)
    do {
        return try await body(&generator)
    } catch {
        throw SeedFailure(seed: seed, underlying: error)
    }
}

/// As the asynchronous form, for tests that do not wait.
public func withSeed<Result>(_ seed: UInt64, _ body: (inout SeededGenerator) throws -> Result) throws -> Result {
    var generator = SeededGenerator(seed: seed)
    do {
        return try body(&generator)
    } catch {
        throw SeedFailure(seed: seed, underlying: error)
    }
}

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
