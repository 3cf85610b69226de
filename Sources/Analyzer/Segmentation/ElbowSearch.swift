import Analysis

/// Runs k-means for every k from several starts and keeps the best of each.
struct ElbowSearch: Sendable {
    /// The best model of one k, and the start that it came from.
    private struct Best: Sendable {
        let start: Int
        let model: KMeansModel

        /// The least cost wins; of equals the earlier start, whoever finished first.
        func isBetter(than other: Best) -> Bool {
            (model.cost, start) < (other.model.cost, other.start)
        }
    }

    let points: Points
    let options: AnalysisOptions
    let onProgress: @Sendable (AnalysisProgress) -> Void

    /// The best model for each k from 2 to `kMax`, in that order.
    func run() async throws(AnalysisError) -> [(k: Int, model: KMeansModel)] {
        let starts = options.initialisations
        // A run takes about as long as it has clusters.
        let progress = StageProgress(.segmenting, total: starts * (2...options.kMax).reduce(0, +), onProgress)
        let gathered = try await Workers.run(options.workers, pieces: (options.kMax - 1) * starts) {
            pieces throws(AnalysisError) in
            var best: [Int: Best] = [:]
            while let piece = pieces.next() {
                let k = options.kMax - piece / starts
                let start = piece % starts
                let model = KMeans(k: k).run(points, random: SplitMix64(seed: options.seed, k, start))
                Self.keep(Best(start: start, model: model), k, in: &best)
                progress.passed(k)
            }
            return best
        }
        var best: [Int: Best] = [:]
        for part in gathered {
            for (k, candidate) in part { Self.keep(candidate, k, in: &best) }
        }
        return (2...options.kMax).compactMap { k in best[k].map { (k, $0.model) } }
    }

    private static func keep(_ candidate: Best, _ k: Int, in best: inout [Int: Best]) {
        if let known = best[k], !candidate.isBetter(than: known) { return }
        best[k] = candidate
    }
}
