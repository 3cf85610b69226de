import Community
import DataSource

/// What the ground truths of earlier runs say of how much of one sequence of events was sent. Pure.
struct SourceHistory: Sendable {
    private let community: CommunityConfiguration
    private var producedCount = 0
    /// By topic: records that were made and are not, or may not be, in the topic.
    private var missingCounts = CommunityTopic.allCases.map { _ in 0 }
    /// Runs of which only the beginning is known.
    private var crashedRuns: Set<String> = []
    /// Of them, those whose records a run that ended in order has passed over.
    private var passedRuns: Set<String> = []

    init(of community: CommunityConfiguration) {
        self.community = community
    }

    /// Takes a run into account, in any order; one of another sequence does not count.
    mutating func add(_ truth: GroundTruth) {
        guard truth.seed == community.seed, truth.initialSize == community.initialSize else { return }
        producedCount = max(producedCount, truth.producedCount)
        for (index, topic) in truth.topics.enumerated() {
            missingCounts[index] += topic.rejected.count + topic.unresolved.count
        }
        if truth.outcome == .running { crashedRuns.insert(truth.run) }
        passedRuns.formUnion(truth.crashedRunsPassed ?? [])
    }

    /// Whether records may be in the topics that no truth tells of: a run crashed, and none has passed over all that it
    /// left behind. When they began does not matter: a clock can go back, and not every run looks at the topics.
    var isUncertain: Bool { !crashedRuns.isSubset(of: passedRuns) }

    /// What the truths alone tell: all of it, unless it ``isUncertain``.
    var sentRecords: SentRecords { SentRecords(producedCount: producedCount) }

    /// What the truths and the topics tell together.
    ///
    /// Records that a failed run made and that are missing in their topic would let later ones seem to be missing. In
    /// which partition they belong is not known: each counts as if it had them.
    ///
    /// - Parameter endOffsets: by topic, in the order of `CommunityTopic.allCases`, then by partition.
    func sentRecords(endOffsets: [[Int]]) -> SentRecords {
        SentRecords(
            producedCount: producedCount,
            countsByPartition: zip(endOffsets, missingCounts).map { ends, missing in ends.map { $0 + missing } },
            crashedRuns: crashedRuns.subtracting(passedRuns).sorted()
        )
    }
}
