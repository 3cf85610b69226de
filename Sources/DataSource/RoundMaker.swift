import Community
import GroundTruth

/// Makes rounds of records: one generator, so one sequence of records.
struct RoundMaker: Sendable {
    private(set) var generator: CommunityGenerator
    /// What earlier runs sent.
    private(set) var passed: PassedRecords
    /// The next record to send, where it was met behind those that are passed over.
    private var met: CommunityRecord?
    private let encoder = EventEncoder()
    private let layout: PartitionLayout
    private let isDetailed: Bool
    private var times: RecordTimes
    private var key: [UInt8] = []

    /// - Parameters:
    ///   - sent: records that are passed over: they are made, so that all that follows is the same, and not put into
    ///     rounds.
    ///   - isDetailed: whether the ground truth tells hours, bad records and digests.
    init(
        _ configuration: CommunityConfiguration,
        after sent: SentRecords = SentRecords(),
        layout: PartitionLayout,
        times: RecordTimes = RecordTimes(startedAtMilliseconds: 0),
        isDetailed: Bool = true
    ) {
        generator = CommunityGenerator(configuration)
        passed = PassedRecords(sent)
        self.layout = layout
        self.times = times
        self.isDetailed = isDetailed
    }

    /// An empty round.
    func makeRound() -> Round { Round(laneCount: layout.laneCount, isDetailed: isDetailed) }

    /// By user, in the order they joined: what records changed that were made and not put into rounds.
    var sumsOutsideRounds: [TokenSums] { passed.sums(with: met) }

    /// Passes over records that were sent already, up to `limit` of them.
    ///
    /// - Returns: whether the next record may be another of them; `false`: it is to be sent.
    mutating func passOver(atMost limit: Int) -> Bool {
        if met != nil { return false }
        for _ in 0..<limit {
            let place = generator.producedCount
            if passed.isOver(at: place) { return false }
            let record = generator.next()
            let partition = passed.countLeft > 0 ? findPartition(of: record) : nil
            guard passed.pass(record, at: place, in: partition) else {
                met = record
                return false
            }
        }
        return true
    }

    /// Empties `round` and fills it with the next records to send.
    ///
    /// - Parameters:
    ///   - count: how many.
    ///   - elapsed: since the run began.
    /// - Returns: how many it made: fewer where many are to be passed over before the next. The caller does that, and can
    ///   be told to stop meanwhile.
    @discardableResult
    mutating func fill(_ round: inout Round, count: Int, elapsed: Duration = .zero) -> Int {
        round.removeAll()
        let elapsed = elapsed.milliseconds
        for made in 0..<count {
            if passOver(atMost: Limits.passedRecordsMax) { return made }
            let record = met ?? generator.next()
            met = nil
            let partition = findPartition(of: record)
            round.append(
                record,
                key: key,
                partition: partition,
                timestamp: times.timestamp(of: record, at: generator.producedCount - 1, elapsed: elapsed),
                lane: layout.lane(of: partition, in: record.topic),
                encoder: encoder
            )
        }
        return count
    }

    /// The partition of a record; its key is in `key` then.
    private mutating func findPartition(of record: CommunityRecord) -> Int {
        key.removeAll(keepingCapacity: true)
        encoder.appendKey(of: record, to: &key)
        return layout.partition(of: key, in: record.topic)
    }
}

/// Tells the records of the sequence that earlier runs sent from those that are still to be sent. Pure.
///
/// In one partition the records of the sequence are in its order, without gaps and each once: one idempotent
/// producer writes them. So the first of them are there already, as many as the partition has records. Records of
/// others in the partition count with them, and then as many of the sequence are left out; none is sent twice. Records
/// from before the topic was deleted and made again are not looked for in it. Where records were lost otherwise (a damaged
/// segment was set aside), fewer are counted than were sent, and the last ones that a crashed run sent are sent again.
struct PassedRecords: Sendable {
    private let producedCount: Int
    private let firstPlaces: [Int]
    /// By topic and partition: how many records of it are not yet met in the sequence.
    private var countsLeft: [[Int]]
    /// How many these are in all.
    private(set) var countLeft: Int
    /// How many records are passed over.
    private(set) var count = 0
    /// By user, in the order they joined: what the records that are passed over changed.
    private var sums: [TokenSums] = []

    init(_ sent: SentRecords) {
        producedCount = sent.producedCount
        firstPlaces = sent.firstPlaces
        countsLeft = sent.countsByPartition
        countLeft = sent.count
    }

    /// Whether all records from `place` on are still to be sent.
    func isOver(at place: Int) -> Bool { countLeft == 0 && place >= producedCount }

    /// Passes over the record at `place`; `false`: it is still to be sent.
    ///
    /// - Parameter partition: where the record belongs; `nil` where `countLeft` is 0, since it does not matter then.
    mutating func pass(_ record: CommunityRecord, at place: Int, in partition: Int?) -> Bool {
        let isThere =
            place >= firstPlaces[record.topic.index] && (partition.map { meet(in: record.topic, $0) } ?? false)
        guard isThere || place < producedCount else { return false }
        count += 1
        Self.add(record.effect, to: &sums)
        return true
    }

    private mutating func meet(in topic: CommunityTopic, _ partition: Int) -> Bool {
        guard countsLeft[topic.index].indices.contains(partition), countsLeft[topic.index][partition] > 0 else {
            return false
        }
        countsLeft[topic.index][partition] -= 1
        countLeft -= 1
        return true
    }

    /// By user, in the order they joined: what the records that are passed over changed, and what `record` changes.
    func sums(with record: CommunityRecord?) -> [TokenSums] {
        var sums = sums
        if let record { Self.add(record.effect, to: &sums) }
        return sums
    }

    private static func add(_ effect: EventEffect, to sums: inout [TokenSums]) {
        guard effect.userNumber > 0 else { return }
        let missing = Int(effect.userNumber) - sums.count
        if missing > 0 { sums += Array(repeating: TokenSums(), count: missing) }
        sums[Int(effect.userNumber) - 1].add(effect)
    }
}

/// What earlier runs sent of a sequence of records: a run that goes on passes over it.
package struct SentRecords: Equatable, Sendable {
    /// Records below this place of the sequence, counted from 0, are not sent again: earlier runs settled them.
    package var producedCount: Int
    /// By topic, in the order of `CommunityTopic.allCases`: the place from which on its records went to the topic that is
    /// there now; those before went to one of the same name that was deleted.
    package var firstPlaces: [Int]
    /// By topic, then by partition: how many records are in it, those below `producedCount` included. Empty where none
    /// are beyond that place.
    package var countsByPartition: [[Int]]
    /// The runs that crashed, so that only `countsByPartition` tells what they sent. The ground truth of a run that has
    /// passed over all of it names them.
    package var crashedRuns: [String]

    package init(
        producedCount: Int = 0,
        firstPlaces: [Int] = CommunityTopic.allCases.map { _ in 0 },
        countsByPartition: [[Int]] = [],
        crashedRuns: [String] = []
    ) {
        self.firstPlaces = firstPlaces
        self.producedCount = producedCount
        self.countsByPartition = countsByPartition
        self.crashedRuns = crashedRuns
    }

    /// How many records are in all partitions.
    var count: Int { countsByPartition.joined().reduce(0, +) }
}
