import Testing

@testable import Pipeline

@Suite struct AdjustedRandIndexTests {
    private func index(_ left: [Int], _ right: [Int]) -> AdjustedRandIndex {
        var index = AdjustedRandIndex()
        for (one, other) in zip(left, right) { index.add(one, other) }
        return index
    }

    /// The values are scikit-learn's `adjusted_rand_score`.
    @Test(arguments: [
        ([0, 0, 1, 1], [0, 0, 1, 1], 1.0),
        ([0, 0, 1, 1], [1, 1, 0, 0], 1.0),
        ([0, 0, 1, 2], [0, 0, 1, 1], 0.571_428_571_428_571_4),
        ([0, 0, 1, 1], [0, 0, 1, 2], 0.571_428_571_428_571_4),
        ([0, 0, 0, 0], [0, 1, 2, 3], 0.0),
        ([0, 0, 1, 1], [0, 1, 0, 1], -0.5),
        ([0, 0, 0], [5, 5, 5], 1.0),
        ([0, 1, 2], [7, 8, 9], 1.0),
        ([1, 1, 1, 2, 2, 2, 3, 3, 3], [1, 1, 2, 2, 2, 3, 3, 3, 3], 0.357_142_857_142_857_15),
    ])
    func agreesWithThePeer(left: [Int], right: [Int], expected: Double) throws {
        let value = try #require(index(left, right).value)
        #expect(abs(value - expected) < 1e-12, "\(value)")
    }

    @Test func hasNoValueWithoutPairs() {
        #expect(index([], []).value == nil)
        #expect(index([1], [1]).value == nil)
    }

    /// Ten million of each do not overflow.
    @Test func largeGroupsAreExactEnough() throws {
        var large = AdjustedRandIndex()
        for thing in 0..<200_000 { large.add(thing % 4, thing % 4) }
        #expect(large.value == 1)
        #expect(large.groups == (4, 4))
    }
}
