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
