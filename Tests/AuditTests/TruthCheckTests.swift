import Audit
import Community
import GroundTruth
import Testing

/// Two users: HE_1 earned 1.6 and 2.85 and spent 5, CO_2 earned 0.9; one tombstone among the prizes.
@Suite struct TruthCheckTests {
    @Test func whatWasSentAndFiledHolds() {
        let check = check()
        #expect(check.troubles.isEmpty, "\(check.troubles)")
        #expect(check.notes.isEmpty)
        #expect(check.reports.map(\.topic) == ["utenti", "comportamenti", "premi"])
        #expect(check.reports.map(\.users) == [0, 2, 1])
        #expect(check.reports.map(\.foreign) == [0, 0, 0])
        #expect(check.reports.map(\.expectedHundredths) == [nil, 535, 500], "users have no amounts")
        #expect(check.reports.map(\.holds) == [true, true, true])
    }

    @Test func foreignRecordsAreNamedAndNoError() {
        var sums = Self.sums
        add(&sums, "GUEST_1", 123, .behaviours)
        add(&sums, "HE_1", 160, .behaviours)
        let check = check(sums: sums, behaviours: 5)
        #expect(check.troubles.isEmpty, "\(check.troubles)")
        #expect(check.notes.map(\.topic) == ["comportamenti"])
        #expect(check.reports[1].foreign == 2)
    }

    @Test func moreSurplusThanForeignRecordsIsAnError() throws {
        var sums = Self.sums
        add(&sums, "GUEST_1", 123, .behaviours)
        add(&sums, "GUEST_1", 123, .behaviours)
        let check = check(sums: sums, behaviours: 4)
        #expect(check.troubles.map(\.kind) == [.countsDiffer])
    }

    @Test func missingAndChangedSumsNameTheUser() {
        var changed = UserSums()
        add(&changed, "HE_1", 160, .behaviours)
        add(&changed, "HE_1", 175, .behaviours)
        add(&changed, "HE_1", 500, .prizes)
        let check = check(sums: changed)
        let found = check.troubles.filter { $0.kind == .sumsDiffer }
        #expect(found.map(\.user) == ["CO_2", "HE_1"])
        #expect(found.allSatisfy { $0.topic == "comportamenti" })
        #expect(found.last?.what.contains("earned 4.45 tokens in 2 records, the files say 3.35 in 2") == true)
    }

    @Test func whatIsInFlightIsNotMissed() {
        var some = UserSums()
        add(&some, "HE_1", 160, .behaviours)
        add(&some, "HE_1", 500, .prizes)
        let check = check(sums: some, filedBehaviours: 1)
        #expect(check.troubles.isEmpty, "\(check.troubles)")
    }

    @Test func acknowledgedRecordsThatATopicNeverGotAreMissed() {
        let check = check(behaviours: 2, filedBehaviours: 2)
        #expect(check.troubles.contains { $0.kind == .recordsNotProduced && $0.partition == 0 })
    }

    @Test func acknowledgedRecordsInAGapAreMissed() {
        // The partition gave five offsets, of which a power cut left three without a record.
        let check = check(behaviours: 5, filedBehaviours: 2, absentBehaviours: 3)
        let trouble = check.troubles.first { $0.kind == .recordsNotProduced }
        #expect(trouble?.what.contains("1 acknowledged records lie in the gap of 3 offsets") == true)
    }

    @Test func gapWithoutAcknowledgedRecordsIsNoError() {
        #expect(check(behaviours: 5, filedBehaviours: 3, absentBehaviours: 2).troubles.isEmpty)
    }

    @Test func recordsOfUnknownFateMayBeThereOrNot() {
        var truth = Self.truth
        truth[.behaviours].unresolved.valueCount = 1
        truth.unresolvedUsers = [UserTruth(id: "HE_1", sums: Self.earned(1, 160))]
        #expect(check(truth: truth).troubles.isEmpty)
        var sums = Self.sums
        add(&sums, "HE_1", 160, .behaviours)
        let check = check(truth: truth, sums: sums, behaviours: 4)
        #expect(check.troubles.isEmpty, "\(check.troubles)")
        #expect(check.reports[1].foreign == 0)
    }

    @Test func runWithoutNumbersMakesNothingForeign() {
        var running = Self.truth
        running.outcome = .running
        running.topics = CommunityTopic.allCases.map { TopicTruth(topic: $0.name) }
        running.users = []
        var sums = Self.sums
        add(&sums, "HE_9", 160, .behaviours)
        let topics = topics(behaviours: 9, filedBehaviours: 9)
        let check = TruthCheck(truths: [Self.truth, running], topics: topics, sums: sums)
        #expect(check.troubles.isEmpty, "\(check.troubles)")
        #expect(check.notes.count == 1)
        #expect(check.reports.allSatisfy { $0.holds == nil && $0.foreign == nil && $0.expectedHundredths == nil })
    }

    @Test func filteredRecordsAreTheTombstones() {
        let prizes = [PartitionReport.made("premi", produced: 2, filed: 0, filtered: 2)]
        let topics = [TopicEvidence(topic: "premi", reports: prizes)]
        let check = TruthCheck(truths: [Self.truth], topics: topics, sums: Self.sums)
        #expect(check.troubles.map(\.kind) == [.countsDiffer])
    }

    @Test func runsThatSentToATopicThatWasReplacedAreLeftOut() throws {
        var earlier = Self.truth
        earlier.run = "earlier"
        earlier[.behaviours].topicID = "first"
        var truth = Self.truth
        truth[.behaviours].topicID = "second"
        // Two of the earlier three were filed before the topic was made again.
        var topics = topics(behaviours: 3, filedBehaviours: 3, replacedBehaviours: 2)
        topics[1].topicID = "second"
        var sums = Self.sums
        add(&sums, "HE_1", 160, .behaviours)
        add(&sums, "HE_1", 285, .behaviours)
        let check = TruthCheck(truths: [truth], topics: topics, sums: sums)
        #expect(check.troubles.isEmpty, "\(check.troubles)")
        let both = TruthCheck(truths: [earlier, truth], topics: [topics[1]], sums: sums)
        #expect(both.troubles.isEmpty, "\(both.troubles)")
        let note = try #require(both.notes.first?.text)
        #expect(note.contains("earlier sent 3 records") && note.contains("not judged"))
        #expect(both.reports.map(\.acknowledged) == [3])
        #expect(both.reports.allSatisfy { $0.holds == nil && $0.expectedHundredths == nil })

        topics[1].producedByPartition = [4]
        let short = TruthCheck(truths: [earlier, truth], topics: [topics[1]], sums: sums)
        let isMissed = short.troubles.contains { $0.kind == .recordsNotProduced }
        #expect(isMissed, "replaced records must not hide a loss")
    }

    /// A run that ended before a topic was emptied is not judged; one that began afterwards is judged exactly.
    @Test func runsBeforeAResetAreNotJudged() throws {
        var past = Self.truth
        (past.run, past.startedAtMilliseconds, past.endedAtMilliseconds) = ("past", 10, 20)
        var present = Self.truth
        (present.startedAtMilliseconds, present.endedAtMilliseconds) = (40, 50)
        var topics = topics(behaviours: 13, filedBehaviours: 3)
        let whole = TruthCheck(truths: [past, present], topics: [topics[1]], sums: Self.sums)
        #expect(whole.reports.map(\.holds) == [nil], "nothing tells what became of the first ten")
        topics[1].producedByPartition = [3]
        (topics[1].isComplete, topics[1].emptiedAtMilliseconds) = (true, 30)
        let check = TruthCheck(truths: [past, present], topics: [topics[1]], sums: Self.sums)
        #expect(check.troubles == [])
        #expect(check.reports.map(\.acknowledged) == [3] && check.reports.map(\.holds) == [true])
        #expect(check.notes.map(\.text).contains { $0.contains("emptied with `hera reset` after 1 run") })
        present.startedAtMilliseconds = 25
        let under = TruthCheck(truths: [past, present], topics: [topics[1]], sums: Self.sums)
        #expect(under.reports.map(\.holds) == [nil] && under.troubles == [])
        #expect(under.notes.map(\.text).contains { $0.contains("was under way when the topic was emptied") })
    }

    @Test func recordsOfADeletedTopicAreMissingUntilThatIsAccepted() {
        var truth = Self.truth
        truth[.behaviours].topicID = "first"
        var topics = topics(behaviours: 0, filedBehaviours: 0)
        topics[1].topicID = "second"
        let check = TruthCheck(truths: [truth], topics: topics, sums: UserSums())
        let trouble = check.troubles.first { $0.kind == .recordsNotProduced }
        #expect(trouble?.advice.contains("deleted and made again") == true)
    }

    private func check(
        truth: GroundTruth = TruthCheckTests.truth,
        sums: UserSums = TruthCheckTests.sums,
        behaviours: Int64 = 3,
        filedBehaviours: Int64? = nil,
        absentBehaviours: Int64 = 0
    ) -> TruthCheck {
        let topics = topics(
            behaviours: behaviours,
            filedBehaviours: filedBehaviours ?? behaviours,
            absentBehaviours: absentBehaviours
        )
        return TruthCheck(truths: [truth], topics: topics, sums: sums)
    }

    private func topics(
        behaviours: Int64,
        filedBehaviours: Int64,
        absentBehaviours: Int64 = 0,
        replacedBehaviours: Int64 = 0
    ) -> [TopicEvidence] {
        var reports = [
            PartitionReport.made("utenti", produced: 2, filed: 2, filtered: 0),
            PartitionReport.made(
                "comportamenti",
                produced: behaviours,
                filed: filedBehaviours,
                filtered: 0,
                absent: absentBehaviours
            ),
            PartitionReport.made("premi", produced: 2, filed: 1, filtered: 1),
        ]
        reports[1].replaced = replacedBehaviours
        reports[1].filedEarlier = replacedBehaviours
        reports[1].lineage = replacedBehaviours > 0 ? 2 : 1
        return CommunityTopic.allCases.map { TopicEvidence(topic: $0.name, reports: reports) }
    }

    private func add(_ sums: inout UserSums, _ user: String, _ hundredths: Int, _ topic: CommunityTopic) {
        Self.add(&sums, user, hundredths, topic)
    }

    private static func add(_ sums: inout UserSums, _ user: String, _ hundredths: Int, _ topic: CommunityTopic) {
        let key = topic == .behaviours ? "reward(tk)" : "prezzo(tk)"
        let amount = "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
        let line = Array(#"{"id_utente": "\#(user)", "\#(key)": \#(amount)}"#.utf8)
        line.withUnsafeBytes { _ = sums.add($0, of: topic) }
    }

    private static func earned(_ count: Int, _ hundredths: Int) -> TokenSums {
        var sums = TokenSums()
        sums.earnedCount = count
        sums.earnedHundredths = hundredths
        return sums
    }

    private static let sums: UserSums = {
        var sums = UserSums()
        add(&sums, "HE_1", 160, .behaviours)
        add(&sums, "HE_1", 285, .behaviours)
        add(&sums, "CO_2", 90, .behaviours)
        add(&sums, "HE_1", 500, .prizes)
        return sums
    }()

    private static let truth: GroundTruth = {
        var truth = GroundTruth(
            run: "run",
            configuration: CommunityConfiguration(initialSize: 2),
            startedAtMilliseconds: 0
        )
        truth.outcome = .completed
        truth[.users].acknowledged.valueCount = 2
        truth[.behaviours].acknowledged.valueCount = 3
        truth[.behaviours].acknowledged.hundredths = 535
        truth[.behaviours].acknowledgedByPartition = [3]
        truth[.prizes].acknowledged.valueCount = 1
        truth[.prizes].acknowledged.tombstoneCount = 1
        truth[.prizes].acknowledged.hundredths = 500
        var first = earned(2, 445)
        first.spentCount = 1
        first.spentHundredths = 500
        truth.users = [UserTruth(id: "HE_1", sums: first), UserTruth(id: "CO_2", sums: earned(1, 90))]
        return truth
    }()
}

extension PartitionReport {
    /// Partition 0 of a topic with nothing lost or set aside; what is neither filed nor filtered is in flight.
    static func made(
        _ topic: String,
        produced: Int64,
        filed: Int64,
        filtered: Int64,
        absent: Int64 = 0
    ) -> PartitionReport {
        PartitionReport(
            topic: topic,
            partition: 0,
            produced: produced,
            before: 0,
            filed: filed,
            filtered: filtered,
            deadLettered: 0,
            absent: absent,
            lost: 0,
            inFlight: produced - filed - filtered - absent,
            files: 1,
            lines: filed,
            holds: true
        )
    }
}
