/// k-means with the initialisation of k-means‖ (Bahmani et al. 2012), with the settings of Spark MLlib, which the
/// original used: 2 rounds of oversampling by 2k, weighted k-means++ over the candidates, at most 20 rounds of Lloyd,
/// centres that move by at most 10⁻⁴ are at rest.
///
/// One run is sequential and starts from its own generator, so it gives the same bits on every machine.
package struct KMeans: Sendable {
    /// Clusters asked for, at least 1.
    package let k: Int
    package var oversamplingRounds = 2
    /// Candidates expected per round, as a multiple of k.
    package var oversampling = 2.0
    package var iterationsMax = 20
    package var tolerance = 1e-4
    /// Rounds of Lloyd over the candidates alone.
    package var localIterationsMax = 30

    package init(k: Int) {
        precondition(k >= 1, "k-means needs at least one cluster")
        self.k = k
    }

    /// Clusters the points; no points give no centres.
    package func run(_ points: Points, random: SplitMix64) -> KMeansModel {
        guard points.count > 0 else {
            return KMeansModel(centres: [], labels: [], cost: 0, iterations: 0, isConverged: true)
        }
        var random = random
        let start = initialCentres(points, &random)
        return lloyd(points, weights: nil, from: start, iterationsMax: iterationsMax)
    }

    /// Moves centres to the middle of their points until they rest.
    ///
    /// A centre that lost all its points is put on the point farthest from its own; where no point is away from its
    /// centre, it is given up.
    func lloyd(
        _ points: Points,
        weights: [Double]?,
        from start: [[Double]],
        iterationsMax: Int
    ) -> KMeansModel {
        var centres = start
        var assignment = Assignment(count: points.count)
        var iterations = 0
        var isConverged = false
        while iterations < iterationsMax, !isConverged {
            iterations += 1
            assignment.assign(points, to: centres)
            let (moved, distance) = move(centres, points, weights, &assignment)
            isConverged = distance <= tolerance * tolerance && moved.count == centres.count
            centres = moved
        }
        assignment.assign(points, to: centres)
        return Self.model(assignment, centres, points.count, iterations, isConverged)
    }

    /// - Returns: the new centres and the greatest squared distance that one of them moved.
    private func move(
        _ centres: [[Double]],
        _ points: Points,
        _ weights: [Double]?,
        _ assignment: inout Assignment
    ) -> (centres: [[Double]], distance: Double) {
        var (totals, sums) = assignment.sums(points, weights: weights, centres: centres.count)
        var isGivenUp = [Bool](repeating: false, count: centres.count)
        let empty = centres.indices.filter { totals[$0] == 0 }
        for centre in empty {
            if let point = assignment.farthest() {
                assignment.take(point, for: Int32(centre))
            } else {
                isGivenUp[centre] = true
            }
        }
        if !empty.isEmpty { (totals, sums) = assignment.sums(points, weights: weights, centres: centres.count) }
        var moved: [[Double]] = []
        var greatest = 0.0
        for centre in centres.indices where !isGivenUp[centre] {
            guard totals[centre] > 0 else {
                // Its only point was just taken for another centre: it stays, and is next in turn for a new place.
                moved.append(centres[centre])
                continue
            }
            let middle = sums[centre].map { $0 / totals[centre] }
            greatest = max(greatest, Self.squaredDistance(middle, centres[centre]))
            moved.append(middle)
        }
        return (moved, greatest)
    }

    /// Leaves out centres that ended without points.
    private static func model(
        _ assignment: Assignment,
        _ centres: [[Double]],
        _ count: Int,
        _ iterations: Int,
        _ isConverged: Bool
    ) -> KMeansModel {
        var numbers = [Int32](repeating: -1, count: centres.count)
        for label in assignment.labels { numbers[Int(label)] = 0 }
        let used = centres.indices.filter { numbers[$0] == 0 }
        for (number, centre) in used.enumerated() { numbers[centre] = Int32(number) }
        return KMeansModel(
            centres: used.map { centres[$0] },
            labels: assignment.labels.map { numbers[Int($0)] },
            cost: assignment.cost,
            iterations: iterations,
            isConverged: isConverged
        )
    }

    static func squaredDistance(_ left: [Double], _ right: [Double]) -> Double {
        zip(left, right).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    }
}

/// What k-means found.
package struct KMeansModel: Sendable {
    /// The centres; fewer than asked for where there are fewer different points.
    package let centres: [[Double]]
    /// Index of each point's centre.
    package let labels: [Int32]
    /// Sum of the squared distances of all points to their centres.
    package let cost: Double
    /// Rounds of moving the centres.
    package let iterations: Int
    /// The centres stopped moving before the rounds ran out.
    package let isConverged: Bool
}

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
