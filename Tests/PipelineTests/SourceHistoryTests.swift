import Community
import DataSource
import GroundTruth
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

    private static let ends = [[50, 60], [70, 80], [90, 100]]

    /// The topics as they are now, with these ids.
    private func topics(_ ids: [String?] = [nil, nil, nil], _ counts: [[Int]] = Self.ends) -> [SourceHistory.TopicState]
    {
        zip(ids, counts).map { SourceHistory.TopicState(id: $0, counts: $1) }
    }

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
            history.sentRecords(in: topics())
                == SentRecords(producedCount: 100, countsByPartition: Self.ends, crashedRuns: ["b"])
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
            #expect(history.sentRecords(in: topics()).crashedRuns == ["b"])
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
        let sent = history([failed, truth("b", at: 2, .running, skipped: 13)]).sentRecords(in: topics())
        let counts = [[50, 60], [72, 82], [91, 101]]
        #expect(sent == SentRecords(producedCount: 13, countsByPartition: counts, crashedRuns: ["b"]))
    }

    private func named(_ truth: GroundTruth, _ ids: [String?], boot: String? = nil) -> GroundTruth {
        var truth = truth
        for (topic, id) in zip(CommunityTopic.allCases, ids) { truth[topic].topicID = id }
        truth.bootID = boot
        return truth
    }

    /// `comportamenti` was deleted and made again between the two runs: what the first sent is not looked for in it.
    @Test func recordsOfADeletedTopicAreNotLookedForInTheNewOne() {
        let first = named(truth("a", at: 1, .interrupted, acknowledged: 100), ["u", "old", "p"])
        let crashed = named(truth("b", at: 2, .running, skipped: 100), ["u", "new", "p"])
        for truths in [[first, crashed], [crashed, first]] {
            let sent = history(truths).sentRecords(in: topics(["u", "new", "p"]))
            #expect(sent.firstPlaces == [0, 100, 0])
            #expect(sent.countsByPartition == Self.ends)
        }
    }

    /// It was deleted after the crash: nothing tells what it held, and the new one holds nothing of the sequence.
    @Test func aTopicMadeAfterTheCrashHoldsNothingOfTheSequence() {
        var failed = named(truth("a", at: 1, .failed, acknowledged: 98), ["u", "old", "p"])
        failed[.behaviours].rejected.valueCount = 2
        let crashed = named(truth("b", at: 2, .running, skipped: 100), ["u", "old", "p"])
        let now = topics(["u", "new", "p"], [[50, 60], [0, 0], [90, 100]])
        let sent = history([failed, crashed]).sentRecords(in: now)
        #expect(sent.firstPlaces == [0, 100, 0])
        #expect(sent.countsByPartition == [[50, 60], [0, 0], [90, 100]])
    }

    /// The truths of the first version name no topic.
    @Test func withoutIdsATopicWithFewerRecordsThanAcknowledgedIsAnother() {
        let truths = [truth("a", at: 1, .interrupted, acknowledged: 100), truth("b", at: 2, .running, skipped: 100)]
        let same = history(truths).sentRecords(in: topics(["u", "b", "p"]))
        #expect(same.firstPlaces == [0, 0, 0])
        let other = history(truths).sentRecords(in: topics(["u", "b", "p"], [[50, 60], [49, 50], [90, 100]]))
        #expect(other.firstPlaces == [0, 100, 0])
    }

    /// A topic that is known by its id stays the same, whatever a power cut took of it.
    @Test func aTopicThatLostItsEndIsTheSame() {
        let ids = ["u", "b", "p"]
        let truths = [
            named(truth("a", at: 1, .interrupted, acknowledged: 100), ids),
            named(truth("b", at: 2, .running, skipped: 100), ids),
        ]
        #expect(history(truths).sentRecords(in: topics(ids, [[1, 1], [9, 9], [1, 1]])).firstPlaces == [0, 0, 0])
    }

    @Test func anotherBootMayHaveLeftGaps() {
        let ids: [String?] = [nil, nil, nil]
        let crashed = named(truth("a", at: 1, .running), ids, boot: "x")
        #expect(!history([crashed]).mayHaveGaps(bootID: "x"))
        #expect(history([crashed]).mayHaveGaps(bootID: "y"))
        #expect(history([crashed]).mayHaveGaps(bootID: nil))
        #expect(history([crashed, truth("b", at: 2, .running)]).mayHaveGaps(bootID: "x"))
    }
}
