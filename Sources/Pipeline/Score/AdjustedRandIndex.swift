/// How well two groupings of the same things agree, corrected for chance (Hubert and Arabie, 1985): 1 where they are the
/// same, about 0 where one says nothing of the other, below 0 where they agree less than by chance.
///
/// Of all pairs of things it counts those that are together in both groupings. Memory grows with the pairs of groups.
struct AdjustedRandIndex: Sendable {
    private struct Pair: Hashable {
        let left: Int
        let right: Int
    }

    private var counts: [Pair: Int] = [:]
    private(set) var things = 0

    init() {}

    /// A thing that is in these two groups.
    mutating func add(_ left: Int, _ right: Int) {
        counts[Pair(left: left, right: right), default: 0] += 1
        things += 1
    }

    /// How many groups each grouping has.
    var groups: (left: Int, right: Int) {
        (Set(counts.keys.map(\.left)).count, Set(counts.keys.map(\.right)).count)
    }

    /// `nil` with fewer than two things: they have no pair.
    var value: Double? {
        guard things > 1 else { return nil }
        var left: [Int: Int] = [:]
        var right: [Int: Int] = [:]
        for (pair, count) in counts {
            left[pair.left, default: 0] += count
            right[pair.right, default: 0] += count
        }
        let together = Self.pairs(counts.values)
        let (ofLeft, ofRight) = (Self.pairs(left.values), Self.pairs(right.values))
        let all = Self.pairs(CollectionOfOne(things))
        let expected = ofLeft * ofRight / all
        let most = (ofLeft + ofRight) / 2
        // All in one group, or each alone, in both.
        guard most != expected else { return 1 }
        return (together - expected) / (most - expected)
    }

    private static func pairs(_ counts: some Sequence<Int>) -> Double {
        counts.reduce(0) { $0 + Double($1) * Double($1 - 1) / 2 }
    }
}
