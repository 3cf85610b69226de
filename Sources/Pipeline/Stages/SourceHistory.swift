import Community
import DataSource

/// What the ground truths of earlier runs say of how much of one sequence of events was sent. Pure.
struct SourceHistory: Sendable {
    /// The order in which runs began. Of two that began in the same millisecond the later one has a longer name.
    private struct Moment: Comparable {
        let milliseconds: Int64
        let run: String

        static func < (left: Moment, right: Moment) -> Bool {
            (left.milliseconds, left.run.count, left.run) < (right.milliseconds, right.run.count, right.run)
        }
    }

    private let community: CommunityConfiguration
    private var newest: Moment?
    private var producedCount = 0
    /// By topic: records that were made and are not, or may not be, in the topic.
    private var missingCounts = CommunityTopic.allCases.map { _ in 0 }
    /// Whether records may be in the topics that no truth tells of: the newest run crashed, or it ended before it had met
    /// all that a crashed one left behind.
    private(set) var isUncertain = false

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
        let moment = Moment(milliseconds: truth.startedAtMilliseconds, run: truth.run)
        if let newest, moment < newest { return }
        newest = moment
        isUncertain = truth.outcome == .running || truth.aheadCount != nil
    }

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
            countsByPartition: zip(endOffsets, missingCounts).map { ends, missing in ends.map { $0 + missing } }
        )
    }
}
