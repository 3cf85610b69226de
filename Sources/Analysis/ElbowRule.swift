/// Chooses k from the costs: the place where the curve bends most (the "kneedle" idea of Satopää et al. 2011).
///
/// Both axes are scaled to 0…1 and a chord is drawn from the first cost to the last. The k whose cost lies farthest
/// below the chord is the elbow; of equals the least. A cost that rises over that of a smaller k (a poor start) counts
/// as that one's. If no cost lies at least ``clearDepth`` below the chord, the curve has no clear elbow: then k is
/// ``fallback``, the number of segments of the original, or the greatest k there is if that is less.
package struct ElbowRule: Sendable {
    /// Least depth below the chord, as a part of the whole fall of the costs, that counts as an elbow.
    package static let clearDepth = 0.1
    /// What is taken without one.
    package static let fallback = 4

    /// What the rule says.
    package struct Choice: Equatable, Sendable {
        package let k: Int
        /// `false`: there is no clear elbow and k is the fallback.
        package let isClear: Bool
        /// Depth of each cost below the chord, 0–1, in the order of the costs.
        package let depths: [Double]
    }

    /// - Parameter costs: k, rising, and its cost; at least one.
    package static func choose(_ costs: [(k: Int, cost: Double)]) -> Choice? {
        guard let first = costs.first, let last = costs.last else { return nil }
        var least = Double.infinity
        let falling = costs.map { entry in
            least = min(least, entry.cost)
            return least
        }
        let fall = falling[0] - least
        let width = Double(last.k - first.k)
        let depths = zip(costs, falling).map { entry, cost -> Double in
            guard fall > 0, width > 0 else { return 0 }
            return 1 - Double(entry.k - first.k) / width - (cost - least) / fall
        }
        var best = 0
        for index in depths.indices where depths[index] > depths[best] { best = index }
        if depths[best] >= clearDepth {
            return Choice(k: costs[best].k, isClear: true, depths: depths)
        }
        let taken = costs.last { $0.k <= Self.fallback } ?? first
        return Choice(k: taken.k, isClear: false, depths: depths)
    }
}
