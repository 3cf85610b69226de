import Community
import GroundTruth
import Testing

@testable import DataSource
@testable import KafkaClient

/// What is passed over of the sequence, and that all the rest is made.
@Suite struct RoundMakerTests {
    private static let community = CommunityConfiguration(seed: 7, initialSize: 200)
    private let layout = PartitionLayout(partitionCounts: [2, 2, 2], parallelism: 1)

    /// A record of the sequence, by its place in it.
    private struct Made {
        let effect: EventEffect
        let topic: CommunityTopic
        let partition: Int
    }

    /// The first records of the sequence.
    private func sequence(_ count: Int) -> [Made] {
        var generator = CommunityGenerator(Self.community)
        let encoder = EventEncoder()
        return (0..<count).map { _ in
            let record = generator.next()
            var key: [UInt8] = []
            encoder.appendKey(of: record, to: &key)
            let partition = layout.partition(of: key, in: record.topic)
            return Made(effect: record.effect, topic: record.topic, partition: partition)
        }
    }

    /// How many records each partition has of those for which `isSent` holds.
    private func counts(of sequence: [Made], where isSent: (Int) -> Bool) -> [[Int]] {
        var counts = CommunityTopic.allCases.map { _ in [0, 0] }
        for (place, made) in sequence.enumerated() where isSent(place) {
            counts[made.topic.index][made.partition] += 1
        }
        return counts
    }

    /// By partition of each topic, in order: the records that a maker puts into rounds.
    private func effects(of maker: inout RoundMaker, count: Int) -> [String: [EventEffect]] {
        var round = maker.makeRound()
        var effects: [String: [EventEffect]] = [:]
        var made = 0
        while made < count {
            made += maker.fill(&round, count: min(100, count - made))
            for parcel in round.parcels(of: 0) {
                for (trace, entry) in zip(parcel.traces, parcel.batch.entries) {
                    effects["\(parcel.topic.name)-\(entry.partition)", default: []].append(trace.effect)
                }
            }
            while maker.passOver(atMost: 3) {}
        }
        return effects
    }

    private func expected(_ sequence: [Made], _ isMade: (Int) -> Bool) -> [String: [EventEffect]] {
        var effects: [String: [EventEffect]] = [:]
        for (place, made) in sequence.enumerated() where isMade(place) {
            effects["\(made.topic.name)-\(made.partition)", default: []].append(made.effect)
        }
        return effects
    }

    @Test func whatACrashedRunSentIsPassedOverPartitionByPartition() {
        let sequence = sequence(5_000)
        // Each partition got as far as another place.
        let ends = [[3_100, 2_800], [2_000, 3_500], [2_500, 1_900]]
        let isSent = { (place: Int) in place < ends[sequence[place].topic.index][sequence[place].partition] }
        let sent = SentRecords(producedCount: 1_000, countsByPartition: counts(of: sequence, where: isSent))
        var maker = RoundMaker(Self.community, after: sent, layout: layout)
        let missing = sequence.indices.count { !isSent($0) }
        let made = effects(of: &maker, count: missing)
        #expect(made == expected(sequence) { !isSent($0) })
        #expect(maker.passed.count == 5_000 - missing)
        #expect(maker.passed.countLeft == 0)
        #expect(maker.generator.producedCount == 5_000)
    }

    @Test func eventsOfOthersLeaveAsManyOutAndNothingIsSentTwice() {
        let sequence = sequence(4_000)
        var present = counts(of: sequence) { $0 < 2_000 }
        present[CommunityTopic.behaviours.index][1] += 10
        let sent = SentRecords(producedCount: 0, countsByPartition: present)
        var leftOut = 10
        let isMade = { (place: Int) in
            guard place >= 2_000 else { return false }
            let made = sequence[place]
            if made.topic == .behaviours, made.partition == 1, leftOut > 0 {
                leftOut -= 1
                return false
            }
            return true
        }
        var maker = RoundMaker(Self.community, after: sent, layout: layout)
        #expect(effects(of: &maker, count: 1_990) == expected(sequence, isMade))
    }

    @Test func recordsSettledByAnEarlierRunAreNeverMadeAgain() {
        let sequence = sequence(3_000)
        let sent = SentRecords(producedCount: 2_000, countsByPartition: [[0, 0], [0, 0], [0, 0]])
        var maker = RoundMaker(Self.community, after: sent, layout: layout)
        #expect(effects(of: &maker, count: 1_000) == expected(sequence) { $0 >= 2_000 })
    }

    /// `premi` was deleted and made again when the sequence was at 2,000; the run after that crashed at 2,500.
    @Test func recordsFromBeforeATopicWasMadeAreNotLookedForInIt() {
        let sequence = sequence(3_000)
        let isThere = { (place: Int) in place < 2_500 && (sequence[place].topic != .prizes || place >= 2_000) }
        let sent = SentRecords(
            producedCount: 2_000,
            firstPlaces: [0, 0, 2_000],
            countsByPartition: counts(of: sequence, where: isThere)
        )
        var maker = RoundMaker(Self.community, after: sent, layout: layout)
        #expect(effects(of: &maker, count: 500) == expected(sequence) { $0 >= 2_500 })
        #expect(maker.passed.countLeft == 0)
    }

    /// Otherwise a run that skips millions of records could not be stopped.
    @Test func passingOverIsDoneInSteps() {
        var maker = RoundMaker(Self.community, after: SentRecords(producedCount: 1_000), layout: layout)
        #expect(taking(&maker) { $0.passOver(atMost: 999) })
        #expect(maker.passed.count == 999)
        #expect(taking(&maker) { $0.passOver(atMost: 1) })
        #expect(!taking(&maker) { $0.passOver(atMost: 1) })
        #expect(maker.passed.count == 1_000)
    }

    /// The record that ended the passing over is made and waits for its round.
    @Test func theRecordsThatAreInNoRoundAreLeftOutOfTheSums() throws {
        let sequence = sequence(2_000)
        let isSent = { (place: Int) in
            place < 1_500 || sequence[place].topic == .users && sequence[place].partition == 0
        }
        let first = try #require(sequence.indices.first { !isSent($0) })
        let sent = SentRecords(producedCount: 0, countsByPartition: counts(of: sequence, where: isSent))
        var maker = RoundMaker(Self.community, after: sent, layout: layout)
        #expect(!taking(&maker) { $0.passOver(atMost: 2_000) })
        var sums: [Int: TokenSums] = [:]
        for made in sequence[...first] where !made.effect.isTombstone {
            sums[Int(made.effect.userNumber) - 1, default: TokenSums()].add(made.effect)
        }
        let outside = maker.sumsOutsideRounds
        #expect(sums.allSatisfy { $0.key < outside.count && outside[$0.key] == $0.value })
    }

    /// `#expect` cannot look into calls that change what they are made on.
    private func taking<Result>(_ maker: inout RoundMaker, _ call: (inout RoundMaker) -> Result) -> Result {
        call(&maker)
    }
}
