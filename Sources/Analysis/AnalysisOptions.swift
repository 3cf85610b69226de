/// What a caller may choose about an analysis. The same files and options give the same numbers, on any machine and
/// with any number of workers.
package struct AnalysisOptions: Sendable {
    /// The values that ``kMax`` may have.
    package static let kMaxRange = 2...50

    /// Where every random choice starts from.
    package var seed: UInt64
    /// The elbow looks at k = 2 … this.
    package var kMax: Int
    /// Starts of k-means for each k, of which the one with the least cost is taken.
    package var initialisations: Int
    /// Users in the table of top earners.
    package var topUsers: Int
    /// Most users drawn in the scatter.
    package var scatterPointsMax: Int
    /// Files, and runs of k-means, that are worked on at a time. Changes how long it takes, nothing else.
    package var workers: Int

    package init(
        seed: UInt64 = 42,
        kMax: Int = 10,
        initialisations: Int = 4,
        topUsers: Int = 10,
        scatterPointsMax: Int = 2000,
        workers: Int = 2
    ) {
        self.seed = seed
        self.kMax = kMax
        self.initialisations = initialisations
        self.topUsers = topUsers
        self.scatterPointsMax = scatterPointsMax
        self.workers = workers
    }

    /// - Throws: where a value makes no sense.
    package func validate() throws(AnalysisError) {
        guard Self.kMaxRange.contains(kMax) else {
            throw .badOption("k-max is \(kMax); it must be from 2 to \(Self.kMaxRange.upperBound)")
        }
        guard initialisations >= 1, workers >= 1, topUsers >= 0, scatterPointsMax >= 0 else {
            throw .badOption("initialisations and workers must be 1 or more, the other options 0 or more")
        }
    }
}
