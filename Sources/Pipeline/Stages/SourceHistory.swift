import Community
import DataSource
import GroundTruth

/// What the ground truths of earlier runs say of how much of one sequence of events was sent. Pure.
struct SourceHistory: Sendable {
    /// A topic as it is now.
    struct TopicState: Equatable, Sendable {
        /// `nil` where the broker does not tell.
        var id: String?
        /// By partition: how many records it has been given since it was made.
        var counts: [Int]
    }

    private let community: CommunityConfiguration
    private var truths: [GroundTruth] = []

    init(of community: CommunityConfiguration) {
        self.community = community
    }

    /// Takes a run into account, in any order; one of another sequence does not count.
    mutating func add(_ truth: GroundTruth) {
        guard truth.seed == community.seed, truth.initialSize == community.initialSize,
            truth.dials ?? [:] == community.dials
        else { return }
        truths.append(truth)
    }

    private var producedCount: Int { truths.map(\.producedCount).max() ?? 0 }

    /// Runs of which only the beginning is known, and whose records no run that ended in order has passed over.
    private var openCrashes: Set<String> {
        let crashed = Set(truths.filter { $0.outcome == .running }.map(\.run))
        return crashed.subtracting(truths.flatMap { $0.crashedRunsPassed ?? [] })
    }

    /// Whether records may be in the topics that no truth tells of: a run crashed, and none has passed over all that it
    /// left behind. When they began does not matter: a clock can go back, and not every run looks at the topics.
    var isUncertain: Bool { !openCrashes.isEmpty }

    /// Whether a partition may have offsets without records, which an ingestor leaves after a power cut: a run was under
    /// another boot of the machine than this one.
    func mayHaveGaps(bootID: String?) -> Bool {
        bootID == nil || truths.contains { $0.bootID != bootID }
    }

    /// What the truths alone tell: all of it, unless it ``isUncertain``.
    var sentRecords: SentRecords { SentRecords(producedCount: producedCount) }

    /// What the truths and the topics tell together.
    ///
    /// Records that a failed run made and that are missing in their topic would let later ones seem to be missing. In
    /// which partition they belong is not known: each counts as if it had them.
    ///
    /// - Parameter topics: in the order of `CommunityTopic.allCases`.
    func sentRecords(in topics: [TopicState]) -> SentRecords {
        var sent = SentRecords(producedCount: producedCount, crashedRuns: openCrashes.sorted())
        for (topic, state) in zip(CommunityTopic.allCases, topics) {
            let runs = runs(to: topic, state)
            let missing = runs.reduce(0) { $0 + $1[topic].rejected.count + $1[topic].unresolved.count }
            sent.firstPlaces[topic.index] = runs.map(\.skippedCount).min() ?? producedCount
            sent.countsByPartition.append(state.counts.map { $0 + missing })
        }
        return sent
    }

    /// The runs that sent to the topic that is there now, and not to one of the same name that was deleted.
    private func runs(to topic: CommunityTopic, _ state: TopicState) -> [GroundTruth] {
        let named = truths.filter { $0[topic].topicID != nil }
        if let id = state.id, !named.isEmpty, named.contains(where: { $0[topic].topicID != id }) {
            // Runs that name no topic are older than those that do.
            return named.filter { $0[topic].topicID == id }
        }
        // Where no id tells, a topic with fewer records than were acknowledged is another one.
        let acknowledged = truths.reduce(0) { $0 + $1[topic].acknowledged.count }
        let isSame = state.id != nil && !named.isEmpty || acknowledged <= state.counts.reduce(0, +)
        return isSame ? truths : []
    }
}
