import Community
import DataSource
import Testing

@testable import Pipeline

@Suite struct SourceHistoryTests {
    private static let community = CommunityConfiguration(seed: 1, initialSize: 10)

    private func truth(
        _ name: String,
        at milliseconds: Int64,
        _ outcome: GroundTruth.Outcome,
        skipped: Int = 0,
        acknowledged: Int = 0,
        community: CommunityConfiguration = Self.community
    ) -> GroundTruth {
        var truth = GroundTruth(run: name, configuration: community, startedAtMilliseconds: milliseconds)
        truth.outcome = outcome
        truth.skippedCount = skipped
        truth[.behaviours].acknowledged.valueCount = acknowledged
        return truth
    }

    private func history(_ truths: [GroundTruth]) -> SourceHistory {
        var history = SourceHistory(of: Self.community)
        for truth in truths { history.add(truth) }
        return history
    }

    private let ends = [[5, 6], [7, 8], [9, 10]]

    @Test func withoutARunTheSequenceBegins() {
        let history = history([])
        #expect(!history.isUncertain)
        #expect(history.sentRecords == SentRecords())
    }

    @Test func orderlyRunsSayHowFarItIs() {
        let truths = [
            truth("a", at: 1, .interrupted, acknowledged: 100),
            truth("b", at: 2, .interrupted, skipped: 100, acknowledged: 50),
        ]
        for truths in [truths, truths.reversed()] {
            #expect(!history(truths).isUncertain)
            #expect(history(truths).sentRecords == SentRecords(producedCount: 150))
        }
    }

    @Test func aCrashOfTheNewestRunMakesTheTopicsCount() {
        let history = history([
            truth("a", at: 1, .interrupted, acknowledged: 100), truth("b", at: 2, .running, skipped: 100),
        ])
        #expect(history.isUncertain)
        #expect(history.sentRecords(endOffsets: ends) == SentRecords(producedCount: 100, countsByPartition: ends))
    }

    @Test func aCrashIsOverOnceARunHasPassedOverWhatItLeft() {
        let crashed = truth("a", at: 1, .running)
        var next = truth("b", at: 2, .interrupted, skipped: 70, acknowledged: 30)
        #expect(!history([crashed, next]).isUncertain)
        next.noteAhead(1)
        #expect(history([crashed, next]).isUncertain)
        #expect(history([next, crashed]).isUncertain)
    }

    @Test func ofTwoRunsOfOneMillisecondTheLongerNameIsNewer() {
        let first = truth("source-1-1", at: 1, .running)
        let second = truth("source-1-1-2", at: 1, .interrupted)
        #expect(!history([first, second]).isUncertain)
        #expect(!history([second, first]).isUncertain)
    }

    @Test func runsOfOtherSequencesDoNotCount() {
        let others = [(2, 10), (1, 11)].map { CommunityConfiguration(seed: $0, initialSize: $1) }
        let history = history(others.map { truth("x", at: 9, .running, skipped: 5, acknowledged: 5, community: $0) })
        #expect(!history.isUncertain)
        #expect(history.sentRecords == SentRecords())
    }

    /// Else a later record would pass for the missing one, and be sent again.
    @Test func whatAFailedRunCouldNotWriteCountsInEveryPartitionOfItsTopic() {
        var failed = truth("a", at: 1, .failed, acknowledged: 10)
        failed[.behaviours].rejected.valueCount = 2
        failed[.prizes].unresolved.tombstoneCount = 1
        let sent = history([failed, truth("b", at: 2, .running, skipped: 13)]).sentRecords(endOffsets: ends)
        #expect(sent == SentRecords(producedCount: 13, countsByPartition: [[5, 6], [9, 10], [10, 11]]))
    }
}
