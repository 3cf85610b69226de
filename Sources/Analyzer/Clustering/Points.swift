/// Points to be clustered, as columns: one array a dimension, all of the same length.
package struct Points: Sendable {
    package let count: Int
    package let columns: [[Double]]

    /// How many dimensions a point has.
    package var dimensions: Int { columns.count }

    package init(columns: [[Double]]) {
        let count = columns.first?.count ?? 0
        precondition(columns.allSatisfy { $0.count == count }, "the columns of points differ in length")
        self.count = count
        self.columns = columns
    }

    /// The coordinates of one point.
    package func point(_ index: Int) -> [Double] {
        columns.map { $0[index] }
    }

    /// Every column less its mean, divided by its standard deviation (of the population); a column that never changes
    /// becomes zero.
    package func standardised() -> (points: Points, means: [Double], deviations: [Double]) {
        var scaled: [[Double]] = []
        var means: [Double] = []
        var deviations: [Double] = []
        for column in columns {
            let mean = column.reduce(0, +) / Double(max(1, count))
            let variance = column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, count))
            let deviation = variance.squareRoot()
            // Rounding leaves a constant column a deviation of a few units in the last place.
            let divisor = deviation > abs(mean) * 1e-12 ? deviation : .infinity
            scaled.append(column.map { ($0 - mean) / divisor })
            means.append(mean)
            deviations.append(divisor.isFinite ? deviation : 0)
        }
        return (Points(columns: scaled), means, deviations)
    }
}
