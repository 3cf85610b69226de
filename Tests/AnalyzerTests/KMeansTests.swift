import Analyzer
import Testing

@Suite struct KMeansTests {
    /// Points around the centres, evenly within a square of side 1, `count` each.
    private func blobs(_ centres: [(Double, Double)], count: Int) -> Points {
        var random = SplitMix64(seed: 7)
        var columns: [[Double]] = [[], []]
        for centre in centres {
            for _ in 0..<count {
                columns[0].append(centre.0 + random.nextUnit() - 0.5)
                columns[1].append(centre.1 + random.nextUnit() - 0.5)
            }
        }
        return Points(columns: columns)
    }

    @Test(arguments: 0..<20)
    func blobsFarApartAreFound(seed: Int) throws {
        let places = [(0.0, 0.0), (10.0, 0.0), (0.0, 10.0), (10.0, 10.0), (50.0, 50.0)]
        let points = blobs(places, count: 200)
        // A single start may fall into a poor minimum; the best of four does not here.
        let model = try #require(
            (0..<4).map { KMeans(k: 5).run(points, random: SplitMix64(seed: UInt64(seed), $0)) }
                .min { $0.cost < $1.cost }
        )
        #expect(model.isConverged)
        // Of each blob all points have one label, and no two blobs share it.
        let labels = (0..<5).map { Set(model.labels[($0 * 200)..<($0 * 200 + 200)]) }
        #expect(labels.allSatisfy { $0.count == 1 })
        #expect(Set(labels).count == 5)
        // 1,000 points in squares of side 1: the variance of each coordinate is 1/12.
        #expect(abs(model.cost - 1000.0 / 6) < 10)
        for (blob, place) in places.enumerated() {
            let centre = model.centres[Int(model.labels[blob * 200])]
            #expect(abs(centre[0] - place.0) < 0.1 && abs(centre[1] - place.1) < 0.1)
        }
    }

    @Test func costIsTheSumOfSquaredDistances() {
        let points = blobs([(0, 0), (3, 3)], count: 100)
        let model = KMeans(k: 3).run(points, random: SplitMix64(seed: 1))
        var cost = 0.0
        for index in 0..<points.count {
            let point = points.point(index)
            let distances = model.centres.map { centre in
                (point[0] - centre[0]) * (point[0] - centre[0]) + (point[1] - centre[1]) * (point[1] - centre[1])
            }
            let least = distances.min() ?? 0
            #expect(distances[Int(model.labels[index])] == least)
            cost += least
        }
        #expect(abs(model.cost - cost) < 1e-9 * cost)
    }

    @Test func sameSeedGivesTheSameBits() {
        let points = blobs([(0, 0), (1, 1), (2, 0)], count: 300)
        let models = (0..<2).map { _ in KMeans(k: 6).run(points, random: SplitMix64(seed: 99)) }
        #expect(models[0].labels == models[1].labels)
        #expect(models[0].cost.bitPattern == models[1].cost.bitPattern)
        #expect(models[0].centres == models[1].centres)
    }

    @Test(arguments: 1...6)
    func noMoreClustersThanDifferentPoints(k: Int) {
        // Three places, each many times.
        let columns = [[0.0, 5, 9], [0.0, 1, 2]].map { column in (0..<90).map { column[$0 % 3] } }
        let model = KMeans(k: k).run(Points(columns: columns), random: SplitMix64(seed: 3))
        #expect(model.centres.count == min(k, 3))
        #expect(Set(model.labels).count == min(k, 3))
        if k >= 3 { #expect(model.cost == 0) }
    }

    @Test func noPointsNoClusters() {
        let model = KMeans(k: 3).run(Points(columns: [[], []]), random: SplitMix64(seed: 3))
        #expect(model.centres.isEmpty)
        #expect(model.labels.isEmpty)
        #expect(model.cost == 0)
    }

    @Test func oneClusterIsTheMean() throws {
        let points = Points(columns: [[1, 2, 6], [0, 0, 3]])
        let model = KMeans(k: 1).run(points, random: SplitMix64(seed: 3))
        #expect(model.centres == [[3, 1]])
        #expect(model.cost == 4 + 1 + 9 + 1 + 1 + 4)
    }

    @Test func everyClusterThatIsReportedHasPoints() {
        let points = blobs([(0, 0), (0.2, 0), (100, 100)], count: 30)
        for seed in 0..<50 {
            let model = KMeans(k: 12).run(points, random: SplitMix64(seed: UInt64(seed)))
            #expect(model.centres.count == 12, "seed \(seed)")
            #expect(Set(model.labels).count == model.centres.count, "seed \(seed)")
        }
    }

    @Test func standardisedColumnsHaveMeanZeroAndDeviationOne() {
        let (points, means, deviations) = Points(columns: [[2, 4, 4, 4, 5, 5, 7, 9], Array(repeating: 0.1, count: 8)])
            .standardised()
        #expect(means[0] == 5)
        #expect(deviations == [2, 0])
        #expect(points.columns[0] == [-1.5, -0.5, -0.5, -0.5, 0, 0, 1, 2])
        // A column that never changes says nothing, and does not divide by zero.
        #expect(points.columns[1].allSatisfy { $0 == 0 })
    }

    @Test func randomUnitsAreEvenAndIndicesInRange() {
        var random = SplitMix64(seed: 5)
        let units = (0..<100_000).map { _ in random.nextUnit() }
        #expect(units.allSatisfy { (0..<1).contains($0) })
        #expect(abs(units.reduce(0, +) / 100_000 - 0.5) < 0.01)
        #expect(Set((0..<1000).map { _ in random.nextIndex(below: 7) }) == Set(0..<7))
    }
}
