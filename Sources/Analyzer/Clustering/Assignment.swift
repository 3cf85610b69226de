/// Which centre every point is nearest to, and what k-means needs to move the centres.
struct Assignment: Sendable {
    /// Index of the nearest centre of each point; of centres equally near the first.
    private(set) var labels: [Int32]
    /// Square of the distance to it.
    private(set) var distances: [Double]

    /// Points worked on at a time: their distances stay in the processor's first cache.
    private static let block = 512

    init(count: Int) {
        labels = Array(repeating: 0, count: count)
        distances = Array(repeating: .infinity, count: count)
    }

    /// Sum of the squared distances.
    var cost: Double { distances.reduce(0, +) }

    /// Forgets all and finds the nearest of `centres` for every point.
    mutating func assign(_ points: Points, to centres: [[Double]]) {
        for index in distances.indices { distances[index] = .infinity }
        update(points, with: centres, from: 0)
    }

    /// Looks at further centres, the first of which has the number `first`.
    mutating func update(_ points: Points, with centres: [[Double]], from first: Int) {
        precondition(points.count == labels.count, "an assignment belongs to its points")
        var squares = [Double](repeating: 0, count: Self.block)
        for start in stride(from: 0, to: points.count, by: Self.block) {
            let range = start..<min(start + Self.block, points.count)
            for (offset, centre) in centres.enumerated() {
                Self.squaredDistances(points, range, to: centre, into: &squares)
                keepNearer(squares, range, centre: Int32(first + offset))
            }
        }
    }

    // The compiler vectorizes the loops over a block only if nothing in them can trap or branch: hence buffers that begin at
    // the block, and a bit mask instead of a condition.

    private static func squaredDistances(
        _ points: Points,
        _ range: Range<Int>,
        to centre: [Double],
        into squares: inout [Double]
    ) {
        squares.withUnsafeMutableBufferPointer { squares in
            for (dimension, column) in points.columns.enumerated() {
                let coordinate = centre[dimension]
                column.withUnsafeBufferPointer { column in
                    let block = UnsafeBufferPointer(rebasing: column[range])
                    if dimension == 0 {
                        for index in block.indices {
                            let difference = block[index] - coordinate
                            squares[index] = difference * difference
                        }
                    } else {
                        for index in block.indices {
                            let difference = block[index] - coordinate
                            squares[index] += difference * difference
                        }
                    }
                }
            }
        }
    }

    private mutating func keepNearer(_ squares: [Double], _ range: Range<Int>, centre: Int32) {
        distances.withUnsafeMutableBufferPointer { distances in
            labels.withUnsafeMutableBufferPointer { labels in
                squares.withUnsafeBufferPointer { squares in
                    let distances = UnsafeMutableBufferPointer(rebasing: distances[range])
                    let labels = UnsafeMutableBufferPointer(rebasing: labels[range])
                    for index in distances.indices {
                        let mask: Int32 = squares[index] < distances[index] ? -1 : 0
                        labels[index] ^= (labels[index] ^ centre) & mask
                        distances[index] = min(distances[index], squares[index])
                    }
                }
            }
        }
    }

    /// Sum of the weights, and weighted sum of the coordinates, of each centre's points. Added in the points' order, so
    /// the same points give the same bits.
    func sums(_ points: Points, weights: [Double]?, centres: Int) -> (weights: [Double], coordinates: [[Double]]) {
        var totals = [Double](repeating: 0, count: centres)
        var coordinates = [[Double]](repeating: [Double](repeating: 0, count: points.dimensions), count: centres)
        for index in labels.indices { totals[Int(labels[index])] += weights?[index] ?? 1 }
        for (dimension, column) in points.columns.enumerated() {
            var sums = [Double](repeating: 0, count: centres)
            for index in labels.indices { sums[Int(labels[index])] += (weights?[index] ?? 1) * column[index] }
            for centre in 0..<centres { coordinates[centre][dimension] = sums[centre] }
        }
        return (totals, coordinates)
    }

    /// The point farthest from its centre (the first of several), unless all lie on theirs.
    func farthest() -> Int? {
        var best: Int?
        for index in distances.indices where distances[index] > (best.map { distances[$0] } ?? 0) { best = index }
        return best
    }

    /// Makes a point its own centre.
    mutating func take(_ point: Int, for centre: Int32) {
        labels[point] = centre
        distances[point] = 0
    }
}
