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
            let record = generator.next()
            let trace = RecordTrace(record, in: place % 2)
            recorder.made(TopicTally(trace), in: record.topic)
            if let fate = lost[place] {
                recorder.lost(trace, of: record.topic, sentIn: nil, fate: fate)
            } else {
                recorder.acknowledged(1, in: record.topic, partition: place % 2)
            }
        }
        return (recorder.truth(accounts: generator.accounts), recorder.contradictions)
    }

    /// Counts the same run one by one: by user, what has arrived.
    private func sums(where arrives: (Int) -> Bool) -> [String: TokenSums] {
        var generator = CommunityGenerator(configuration)
        var sums: [String: TokenSums] = [:]
        for place in 0..<1_000 {
            let record = generator.next()
            guard arrives(place) else { continue }
            switch record.event {
            case .behaviour(_, let user), .prize(_, let user):
                sums[user.description, default: TokenSums()].add(record.effect)
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
            let record = generator.next()
            recorder.made(TopicTally(RecordTrace(record, in: 0)), in: record.topic)
        }
        #expect(byID(recorder.truth(accounts: generator.accounts, without: before).users) == sums { $0 >= 400 })
    }

    /// Hours, bad records and digests are those of the records that arrived, whatever is lost on the way.
    @Test(arguments: [0, 3]) func everyCountIsOfWhatArrived(_ lostEvery: Int) throws {
        var configuration = configuration
        configuration.dirt = try #require(DirtShares(DirtShares.realistic.mapValues { $0 * 5 }))
        var generator = CommunityGenerator(configuration)
        var recorder = TruthRecorder(
            GroundTruth(run: "run", configuration: configuration, startedAtMilliseconds: 0)
        )
        var expected = CommunityTopic.allCases.map { _ in TopicTally(isDetailed: true) }
        for place in 0..<5_000 {
            let record = generator.next()
            // Every other record gets the time of its sending, which is hour 7.
            let own = place.isMultiple(of: 2) ? Int32(place / 1_000) : nil
            func trace(_ hour: Int32?) -> RecordTrace {
                RecordTrace(effect: record.effect, partition: Int32(place % 2), hour: hour, term: UInt64(place))
            }
            let tally = TopicTally(trace(own))
            recorder.made(tally, in: record.topic)
            recorder.sent(tally.undated, in: record.topic, hour: 7)
            if lostEvery > 0, place.isMultiple(of: lostEvery) {
                let fate = place.isMultiple(of: 5) ? TruthRecorder.Fate.unresolved : .rejected
                recorder.lost(trace(own), of: record.topic, sentIn: 7, fate: fate)
            } else {
                expected[record.topic.index].add(trace(own ?? 7))
            }
        }
        let truth = recorder.truth(accounts: generator.accounts)
        for topic in CommunityTopic.allCases {
            let tally = expected[topic.index]
            #expect(truth[topic].acknowledged == tally.totals)
            #expect(truth[topic].undated == nil)
            #expect(truth[topic].digests == tally.digests)
            let dirt = zip(Dirt.allCases, tally.dirt).filter { !$1.isZero }
            #expect(truth[topic].dirt?.map(\.kind) == dirt.map(\.0.name))
            #expect(truth[topic].dirt?.map(\.acknowledged) == dirt.map(\.1))
            let hours = truth.hours.filter { $0.topic == topic }
            #expect(hours.map(\.hour) == tally.hours.keys.sorted())
            #expect(hours.allSatisfy { tally.hours[$0.hour] == $0.acknowledged })
        }
    }

    @Test func aDigestKnowsEveryChangeButNoOrder() {
        func digest(_ lines: [String]) -> LineDigest {
            lines.reduce(into: LineDigest()) { digest, line in
                Array(line.utf8).withUnsafeBytes { digest.add($0) }
            }
        }
        let whole = digest(["a", "bc", "d", "bc"])
        #expect(whole == digest(["bc", "d", "bc", "a"]))
        #expect(whole != digest(["a", "bc", "d"]))
        #expect(whole != digest(["a", "bc", "d", "bd"]))
        #expect(whole != digest(["a", "b", "cd", "bc"]))
        #expect(whole != digest(["a", "a", "d", "bc"]))
    }

    @Test func whereItIsNotAskedForOnlyTotalsAreKept() {
        var tally = TopicTally(isDetailed: false)
        tally.add(RecordTrace(effect: .none, partition: 0, hour: 5, term: 0))
        #expect(tally.totals.tombstoneCount == 1)
        #expect(tally.hours.isEmpty && tally.digests.isEmpty && tally.undated.isZero)
    }

    @Test func aCountThatDoesNotAddUpIsNoticed() {
        var recorder = TruthRecorder(
            GroundTruth(run: "run", configuration: configuration, startedAtMilliseconds: 0)
        )
        recorder.made(TopicTally(RecordTrace(CommunityRecord(.withoutUser(.prizes)), in: 0)), in: .prizes)
        #expect(recorder.contradictions == ["premi"])
        recorder.acknowledged(1, in: .prizes, partition: 3)
        #expect(recorder.contradictions.isEmpty)
    }
}

extension RecordTrace {
    /// A record that gets the time of its sending.
    init(_ record: CommunityRecord, in partition: Int) {
        self.init(effect: record.effect, partition: Int32(partition), hour: nil, term: 1)
    }
}

extension TopicTally {
    /// One record.
    init(_ trace: RecordTrace) {
        self.init(isDetailed: true)
        add(trace)
    }
}
