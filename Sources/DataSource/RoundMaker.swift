import Community

/// Makes rounds of records: one generator, so one sequence of records, whatever is done with the rounds.
struct RoundMaker: Sendable {
    private(set) var generator: CommunityGenerator
    /// What everybody had before the first record of these rounds.
    let accountsBefore: Accounts
    private let encoder = EventEncoder()
    private let layout: PartitionLayout
    private var key: [UInt8] = []

    /// - Parameter skipped: how many records of the sequence are passed over: they are made, so that all that follows
    ///   is the same, and not put into rounds.
    init(_ configuration: CommunityConfiguration, skipping skipped: Int = 0, layout: PartitionLayout) {
        generator = CommunityGenerator(configuration)
        for _ in 0..<skipped { _ = generator.next() }
        accountsBefore = generator.accounts
        self.layout = layout
    }

    /// An empty round.
    func makeRound() -> Round { Round(laneCount: layout.laneCount) }

    /// Empties `round` and fills it with the next `count` records.
    mutating func fill(_ round: inout Round, count: Int) {
        round.removeAll()
        for _ in 0..<count {
            let event = generator.next()
            key.removeAll(keepingCapacity: true)
            encoder.appendKey(of: event, to: &key)
            let partition = layout.partition(of: key, in: event.topic)
            let lane = layout.lane(of: partition, in: event.topic)
            round.append(event, key: key, partition: partition, lane: lane, encoder: encoder)
        }
    }
}
