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
