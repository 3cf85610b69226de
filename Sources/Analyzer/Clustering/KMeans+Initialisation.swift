extension KMeans {
    /// k-means‖: a few rounds that each draw about 2k candidates, far points more likely than near ones; then the
    /// candidates, each with the weight of the points nearest to it, are brought down to k centres by k-means++.
    ///
    /// Fewer than k different candidates are filled up with the farthest points, while there are any.
    func initialCentres(_ points: Points, _ random: inout SplitMix64) -> [[Double]] {
        var candidates = [points.point(random.nextIndex(below: points.count))]
        var assignment = Assignment(count: points.count)
        assignment.assign(points, to: candidates)
        for _ in 0..<oversamplingRounds {
            let cost = assignment.cost
            guard cost > 0 else { break }
            let factor = oversampling * Double(k) / cost
            var drawn: [[Double]] = []
            for index in 0..<points.count where random.nextUnit() < factor * assignment.distances[index] {
                drawn.append(points.point(index))
            }
            assignment.update(points, with: drawn, from: candidates.count)
            candidates += drawn
        }
        // A point is labelled with the first of several equal candidates: the others have no weight and are left out.
        var weights = [Double](repeating: 0, count: candidates.count)
        for label in assignment.labels { weights[Int(label)] += 1 }
        let used = candidates.indices.filter { weights[$0] > 0 }
        candidates = used.map { candidates[$0] }
        if candidates.count > k {
            return weightedPlusPlus(candidates, weights: used.map { weights[$0] }, &random)
        }
        while candidates.count < k, let farthest = assignment.farthest() {
            let point = points.point(farthest)
            assignment.update(points, with: [point], from: candidates.count)
            candidates.append(point)
        }
        return candidates
    }

    /// k-means++ (Arthur and Vassilvitskii 2007) over weighted points, then Lloyd over them.
    private func weightedPlusPlus(
        _ candidates: [[Double]],
        weights: [Double],
        _ random: inout SplitMix64
    ) -> [[Double]] {
        let points = Points(columns: (0..<candidates[0].count).map { dimension in candidates.map { $0[dimension] } })
        var centres = [candidates[Self.draw(weights, &random)]]
        var assignment = Assignment(count: points.count)
        assignment.assign(points, to: centres)
        while centres.count < k {
            let chances = zip(weights, assignment.distances).map { $0 * $1 }
            let centre = candidates[Self.draw(chances, &random)]
            assignment.update(points, with: [centre], from: centres.count)
            centres.append(centre)
        }
        return lloyd(points, weights: weights, from: centres, iterationsMax: localIterationsMax).centres
    }

    /// An index, drawn with these chances, of which one at least is above zero.
    private static func draw(_ chances: [Double], _ random: inout SplitMix64) -> Int {
        var left = random.nextUnit() * chances.reduce(0, +)
        var last = 0
        for (index, chance) in chances.enumerated() where chance > 0 {
            last = index
            left -= chance
            if left < 0 { break }
        }
        return last
    }
}
