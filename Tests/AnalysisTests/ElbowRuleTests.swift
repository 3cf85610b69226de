import Analysis
import Testing

@Suite struct ElbowRuleTests {
    /// Costs for k = 2, 3, …, the k that the rule takes, and whether the elbow is clear.
    struct Case: Sendable, CustomStringConvertible {
        let costs: [Double]
        let k: Int
        let isClear: Bool
        let description: String
    }

    static let cases = [
        Case(costs: [100, 50, 10, 9, 8, 7, 6], k: 4, isClear: true, description: "a sharp bend"),
        Case(costs: [100, 10, 9, 8], k: 3, isClear: true, description: "a bend at once"),
        Case(costs: [80, 70, 60, 50, 40, 30], k: 4, isClear: false, description: "a straight line"),
        Case(costs: [80, 70, 60], k: 4, isClear: false, description: "a short straight line"),
        Case(costs: [80, 70], k: 3, isClear: false, description: "two costs"),
        Case(costs: [80], k: 2, isClear: false, description: "one cost"),
        Case(costs: [0, 0, 0, 0], k: 4, isClear: false, description: "no cost at all"),
        Case(costs: [100, 20, 60, 10, 5], k: 3, isClear: true, description: "a poor start in the middle"),
        Case(costs: [90, 80, 70, 60, 50, 0], k: 4, isClear: false, description: "a bend to the wrong side"),
    ]

    @Test(arguments: cases)
    func kIsWhereTheCurveBendsMost(_ table: Case) throws {
        let costs = table.costs.enumerated().map { (k: $0.offset + 2, cost: $0.element) }
        let choice = try #require(ElbowRule.choose(costs))
        #expect(choice.k == table.k)
        #expect(choice.isClear == table.isClear)
        #expect(choice.depths.count == costs.count)
    }

    @Test func depthIsMeasuredFromTheChord() throws {
        let choice = try #require(ElbowRule.choose([(2, 10), (3, 2), (4, 0)]))
        #expect(choice.depths.map { ($0 * 1000).rounded() } == [0, 300, 0])
    }

    @Test func noCostsNoChoice() {
        #expect(ElbowRule.choose([]) == nil)
    }
}
