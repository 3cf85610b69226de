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
