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
