import Synchronization

/// How much of a stage of an analysis is done.
package struct AnalysisProgress: Hashable, Sendable {
    /// A pass over all files, or the search for segments.
    package enum Stage: String, Hashable, Sendable {
        case reading
        /// There are more partners than the feature table has columns for.
        case countingPartners = "counting partners"
        /// With the partners that have columns.
        case readingAgain = "reading again"
        case segmenting
    }

    package let stage: Stage
    /// In units of the stage: bytes, or clusters that k-means looked for.
    package let done: Int
    package let total: Int
}

/// Adds up what all workers did of one stage, and tells it.
final class StageProgress: Sendable {
    private let stage: AnalysisProgress.Stage
    private let total: Int
    private let done = Atomic<Int>(0)
    private let tell: @Sendable (AnalysisProgress) -> Void

    init(_ stage: AnalysisProgress.Stage, total: Int, _ tell: @escaping @Sendable (AnalysisProgress) -> Void) {
        self.stage = stage
        self.total = total
        self.tell = tell
    }

    func passed(_ units: Int) {
        let sum = done.add(units, ordering: .relaxed).newValue
        tell(AnalysisProgress(stage: stage, done: min(sum, total), total: total))
    }
}
