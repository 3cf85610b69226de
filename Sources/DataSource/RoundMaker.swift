import Community
import GroundTruth

/// Makes rounds of records: one generator, so one sequence of records, whatever is done with the rounds.
struct RoundMaker: Sendable {
    private(set) var generator: CommunityGenerator
    /// What earlier runs sent.
    private(set) var passed: PassedRecords
    /// The next record to send, where it was met behind those that are passed over.
    private var met: CommunityEvent?
    private let encoder = EventEncoder()
    private let layout: PartitionLayout
    private var key: [UInt8] = []

    /// - Parameter sent: records that are passed over: they are made, so that all that follows is the same, and not put
    ///   into rounds.
    init(_ configuration: CommunityConfiguration, after sent: SentRecords = SentRecords(), layout: PartitionLayout) {
        generator = CommunityGenerator(configuration)
        passed = PassedRecords(sent)
        self.layout = layout
    }

    /// An empty round.
    func makeRound() -> Round { Round(laneCount: layout.laneCount) }

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
            let event = generator.next()
            let partition = passed.countLeft > 0 ? findPartition(of: event) : nil
            guard passed.pass(event, at: place, in: partition) else {
                met = event
                return false
            }
        }
        return true
    }

    /// Empties `round` and fills it with the next records to send.
    ///
    /// - Parameter count: how many.
    /// - Returns: how many it made: fewer where many are to be passed over before the next. The caller does that, and can
    ///   be told to stop meanwhile.
    @discardableResult
    mutating func fill(_ round: inout Round, count: Int) -> Int {
        round.removeAll()
        for made in 0..<count {
            if passOver(atMost: Limits.passedRecordsMax) { return made }
            let event: CommunityEvent
            if let waiting = met {
                event = waiting
                met = nil
            } else {
                event = generator.next()
            }
            let partition = findPartition(of: event)
            let lane = layout.lane(of: partition, in: event.topic)
            round.append(event, key: key, partition: partition, lane: lane, encoder: encoder)
        }
        return count
    }

    /// The partition of a record; its key is in `key` then.
    private mutating func findPartition(of event: CommunityEvent) -> Int {
        key.removeAll(keepingCapacity: true)
        encoder.appendKey(of: event, to: &key)
        return layout.partition(of: key, in: event.topic)
    }
}
