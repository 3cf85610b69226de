/// The community's chances, in percent. They are the original data source's; `docs` and tests name them from here.
package enum CommunityWeights {
    /// The partner that brings a new user in. Without one the record has an empty id: no user joins, and a tombstone is sent.
    package static let partner = Weights<Partner?>([(.hera, 40), (.conad, 30), (.camst, 19), (nil, 11)])
    package static let sex = Weights<Sex>([(.male, 40), (.female, 60)])
    package static let province = Weights<Province>(
        [(.bologna, 50), (.modena, 10), (.reggioEmilia, 30), (.parma, 10)])
    /// What comes next, once the initial users and behaviours are out.
    package static let topic = Weights<CommunityTopic>([(.behaviours, 60), (.prizes, 25), (.users, 15)])
    /// The youngest and the oldest user.
    package static let ages = 18...90
    /// Initial behaviours for each initial user.
    package static let initialBehavioursPerUser = 5
}

/// Alternatives with their chances in whole percent, looked up in one step.
package struct Weights<Value: Sendable>: Sendable {
    /// The alternatives with their percentages, in the order they were given.
    package let entries: [(value: Value, percent: Int)]
    /// One entry a percent.
    private let table: [Value]

    /// - Precondition: the percentages are positive and sum to 100.
    package init(_ entries: [(value: Value, percent: Int)]) {
        precondition(entries.allSatisfy { $0.percent > 0 }, "a chance must be positive")
        precondition(entries.reduce(0) { $0 + $1.percent } == 100, "chances must sum to 100 %")
        self.entries = entries
        table = entries.flatMap { Array(repeating: $0.value, count: $0.percent) }
    }

    /// Draws one alternative.
    package func draw(using random: inout CommunityRandom) -> Value {
        table[random.below(100)]
    }
}
