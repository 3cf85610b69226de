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

    @Test func aCrashMakesTheTopicsCount() {
        let history = history([
            truth("a", at: 1, .interrupted, acknowledged: 100), truth("b", at: 2, .running, skipped: 100),
        ])
        #expect(history.isUncertain)
        #expect(
            history.sentRecords(endOffsets: ends)
                == SentRecords(producedCount: 100, countsByPartition: ends, crashedRuns: ["b"])
        )
    }

    /// Also where the clock has gone back meanwhile.
    @Test(arguments: [2, 0])
    func aCrashIsOverOnceARunHasPassedOverWhatItLeft(milliseconds: Int64) {
        let crashed = [truth("a", at: 1, .running), truth("b", at: 1, .running)]
        var next = truth("c", at: milliseconds, .interrupted, skipped: 70, acknowledged: 30)
        next.crashedRunsPassed = ["a", "b"]
        for truths in [crashed + [next], [next] + crashed] {
            #expect(!history(truths).isUncertain)
            #expect(history(truths).sentRecords == SentRecords(producedCount: 100))
        }
    }

    /// Such as one of `hera source`, or one that ended before it had met all that is in the topics.
    @Test func aLaterRunThatDidNotPassOverTheRecordsOfACrashDoesNotEndIt() {
        let crashed = [truth("a", at: 1, .running), truth("b", at: 2, .running)]
        var passing = truth("c", at: 3, .interrupted, acknowledged: 5)
        passing.crashedRunsPassed = ["a"]
        let other = truth("d", at: 4, .completed, acknowledged: 60)
        for truths in [crashed + [passing, other], [other, passing] + crashed] {
            let history = history(truths)
            #expect(history.isUncertain)
            #expect(history.sentRecords(endOffsets: ends).crashedRuns == ["b"])
        }
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
        let counts = [[5, 6], [9, 10], [10, 11]]
        #expect(sent == SentRecords(producedCount: 13, countsByPartition: counts, crashedRuns: ["b"]))
    }
}
