import Community
import Testing

@testable import GroundTruth

@Suite struct GroundTruthTests {
    private let configuration = CommunityConfiguration(seed: 6, initialSize: 50)

    /// Plays a run of 1,000 records; those at `lost` do not arrive.
    private func play(lost: [Int: TruthRecorder.Fate]) -> (truth: GroundTruth, contradictions: [String]) {
        var generator = CommunityGenerator(configuration)
        var recorder = TruthRecorder(
            GroundTruth(run: "run", configuration: configuration, startedAtMilliseconds: 1_600_000_000_000)
        )
        for place in 0..<1_000 {
            let event = generator.next()
            var totals = RecordTotals()
            totals.add(event.effect)
            recorder.made(totals, in: event.topic)
            if let fate = lost[place] {
                recorder.lost(event.effect, of: event.topic, fate: fate)
            } else {
                recorder.acknowledged(1, in: event.topic, partition: place % 2)
            }
        }
        return (recorder.truth(accounts: generator.accounts), recorder.contradictions)
    }

    /// Counts the same run one by one: by user, what has arrived.
    private func sums(where arrives: (Int) -> Bool) -> [String: TokenSums] {
        var generator = CommunityGenerator(configuration)
        var sums: [String: TokenSums] = [:]
        for place in 0..<1_000 {
            let event = generator.next()
            guard arrives(place) else { continue }
            switch event {
            case .behaviour(_, let user), .prize(_, let user):
                sums[user.description, default: TokenSums()].add(event.effect)
            default: break
            }
        }
        return sums
    }

    private func byID(_ users: [UserTruth]) -> [String: TokenSums] {
        Dictionary(uniqueKeysWithValues: users.map { ($0.id, $0.sums) })
    }

    @Test func aRunWithoutTroubleIsCountedWhole() {
        let (truth, contradictions) = play(lost: [:])
        #expect(contradictions.isEmpty)
        #expect(truth.acknowledgedCount == 1_000)
        #expect(byID(truth.users) == sums { _ in true })
        #expect(truth.unresolvedUsers.isEmpty)
        let earned = truth.users.reduce(0) { $0 + $1.sums.earnedHundredths }
        #expect(truth[.behaviours].acknowledged.hundredths == earned)
        let spent = truth.users.reduce(0) { $0 + $1.sums.spentHundredths }
        #expect(truth[.prizes].acknowledged.hundredths == spent)
        #expect(truth[.users].acknowledged.tombstoneCount > 0)
    }

    @Test func whatIsLostIsLeftOutOfTheUsersSums() {
        var lost: [Int: TruthRecorder.Fate] = [:]
        for place in stride(from: 0, to: 1_000, by: 7) { lost[place] = place % 2 == 0 ? .rejected : .unresolved }
        let (truth, contradictions) = play(lost: lost)
        #expect(contradictions.isEmpty)
        #expect(truth.acknowledgedCount == 1_000 - lost.count)
        #expect(truth.rejectedCount == lost.values.count { $0 == .rejected })
        #expect(truth.unresolvedCount == lost.values.count { $0 == .unresolved })
        #expect(byID(truth.users) == sums { lost[$0] == nil })
        #expect(byID(truth.unresolvedUsers) == sums { lost[$0] == .unresolved })
    }

    @Test func aRunThatGoesOnCountsOnlyItsOwn() {
        var generator = CommunityGenerator(configuration)
        for _ in 0..<400 { _ = generator.next() }
        let before = generator.accounts.all.map { TokenSums($0) }
        var recorder = TruthRecorder(
            GroundTruth(run: "run", configuration: configuration, startedAtMilliseconds: 0)
        )
        for _ in 400..<1_000 {
            let event = generator.next()
            var totals = RecordTotals()
            totals.add(event.effect)
            recorder.made(totals, in: event.topic)
        }
        #expect(byID(recorder.truth(accounts: generator.accounts, without: before).users) == sums { $0 >= 400 })
    }

    @Test func aCountThatDoesNotAddUpIsNoticed() {
        var recorder = TruthRecorder(
            GroundTruth(run: "run", configuration: configuration, startedAtMilliseconds: 0)
        )
        var totals = RecordTotals()
        totals.add(.none)
        recorder.made(totals, in: .prizes)
        #expect(recorder.contradictions == ["premi"])
        recorder.acknowledged(1, in: .prizes, partition: 3)
        #expect(recorder.contradictions.isEmpty)
    }
}
