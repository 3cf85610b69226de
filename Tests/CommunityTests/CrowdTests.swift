import Testing

@testable import Community

/// Personas, the heavy tail, and users who come, grow quiet and leave.
@Suite struct CrowdTests {
    /// Chi-squared over its degrees of freedom stays below this: for one degree already it is five standard deviations.
    private static func isPlausible(_ counts: [Int], _ chances: [Double]) -> Bool {
        let total = Double(counts.reduce(0, +))
        let sum = zip(counts, chances).reduce(0.0) { sum, pair in
            let expected = total * pair.1
            return sum + (Double(pair.0) - expected) * (Double(pair.0) - expected) / expected
        }
        let freedom = Double(counts.count - 1)
        // Wilson and Hilferty: the cube root of chi-squared over its degrees is nearly normal.
        let deviation = ((sum / freedom).squareRoot() > 0 ? cubeRoot(sum / freedom) : 0) - (1 - 2 / (9 * freedom))
        return deviation < 5 * (2 / (9 * freedom)).squareRoot()
    }

    private static func cubeRoot(_ number: Double) -> Double {
        var root = max(number, 1)
        for _ in 0..<60 { root -= (root * root * root - number) / (3 * root * root) }
        return root
    }

    @Test func theTestOfChiSquaredCanFail() {
        #expect(Self.isPlausible([500_500, 499_500], [0.5, 0.5]))
        #expect(!Self.isPlausible([505_000, 495_000], [0.5, 0.5]))
        #expect(!Self.isPlausible([250_000, 260_000, 240_000, 250_000], [0.25, 0.25, 0.25, 0.25]))
    }

    /// A million records of a community with everything on.
    private struct Census {
        var personaOfUser: [Int] = []
        var partners = [[Int]](repeating: [0, 0, 0], count: 4)
        var ages = [[Int: Int]](repeating: [:], count: 4)
        var behaviours: [Int] = []

        init() {
            var configuration = CommunityConfiguration(seed: 12, initialSize: 100_000)
            configuration.personas = 4
            var generator = CommunityGenerator(configuration)
            for _ in 0..<1_000_000 {
                switch generator.next().event {
                case .registration(let profile):
                    let persona = Int(generator.personas[generator.personas.count - 1])
                    ages[persona][profile.age, default: 0] += 1
                    behaviours.append(0)
                case .behaviour(let behaviour, let user):
                    let persona = Int(generator.personas[Int(user.number) - 1])
                    partners[persona][Int(behaviour.partner.rawValue)] += 1
                    behaviours[Int(user.number) - 1] += 1
                default: break
                }
            }
            personaOfUser = generator.personas.map(Int.init)
        }

        static let million = Census()
    }

    @Test func aUserIsOfEachPersonaWithTheSameChance() {
        let counts = (0..<4).map { persona in Census.million.personaOfUser.count { $0 == persona } }
        #expect(Self.isPlausible(counts, [0.25, 0.25, 0.25, 0.25]))
    }

    @Test(arguments: 0..<4)
    func aPersonaHasItsPartners(_ persona: Int) {
        let chances = Persona.all[persona].partners.entries.map { Double($0.percent) / 100 }
        #expect(Self.isPlausible(Census.million.partners[persona], chances))
    }

    @Test(arguments: 0..<4)
    func aPersonaHasItsAges(_ persona: Int) {
        let ages = Persona.all[persona].ages
        let counts = ages.map { Census.million.ages[persona][$0] ?? 0 }
        #expect(Census.million.ages[persona].keys.allSatisfy(ages.contains))
        // Years differ by a leap day, which a test of this size does not see.
        #expect(Self.isPlausible(counts, ages.map { _ in 1 / Double(ages.count) }))
    }

    /// Of the users who were there from the beginning.
    @Test func aPersonaIsAsActiveAsItShouldBe() {
        let census = Census.million
        var counts = [0, 0, 0, 0]
        var users = [0, 0, 0, 0]
        for user in 0..<80_000 {
            counts[census.personaOfUser[user]] += census.behaviours[user]
            users[census.personaOfUser[user]] += 1
        }
        let weights = (0..<4).map { Double(Persona.all[$0].activity * users[$0]) }
        #expect(Self.isPlausible(counts, weights.map { $0 / weights.reduce(0, +) }))
    }

    @Test func theHeavyTailIsPareto() {
        var crowd = Crowd(activities: [1], skew: .heavy)
        var random = CommunityRandom(seed: 3)
        let users = 100_000
        for _ in 0..<users { crowd.join(persona: 0, using: &random) }
        var counts = [Int](repeating: 0, count: users)
        for _ in 0..<1_000_000 { counts[crowd.draw(using: &random) ?? 0] += 1 }
        let sorted = counts.sorted(by: >)
        let top = Double(sorted.prefix(users / 5).reduce(0, +)) / 1_000_000
        // Levels that double, and the end of the tail at level 11, take a little off the four fifths.
        #expect((0.65...0.85).contains(top), "\(top)")
    }

    @Test func drawsGoByWeight() {
        var crowd = Crowd(activities: [1, 3, 6], skew: .even)
        var random = CommunityRandom(seed: 4)
        for persona in [0, 1, 2, 0, 1, 2] { crowd.join(persona: persona, using: &random) }
        var counts = [Int](repeating: 0, count: 6)
        for _ in 0..<1_000_000 { counts[crowd.draw(using: &random) ?? 0] += 1 }
        #expect(Self.isPlausible(counts, [0.05, 0.15, 0.3, 0.05, 0.15, 0.3]))
    }

    @Test func quietUsersTakePartLessAndWhoLeftDoesNot() throws {
        var crowd = Crowd(activities: [1], skew: .even)
        var random = CommunityRandom(seed: 5)
        for _ in 0..<3 { crowd.join(persona: 0, using: &random) }
        crowd.quieten(using: &random)
        var counts = [0, 0, 0]
        for _ in 0..<170_000 { counts[crowd.draw(using: &random) ?? 0] += 1 }
        let quiet = try #require(counts.indices.min { counts[$0] < counts[$1] })
        #expect(Self.isPlausible(counts, counts.indices.map { $0 == quiet ? 1.0 / 17 : 8.0 / 17 }))
        #expect(crowd.leave(using: &random) == quiet)
        #expect(crowd.leave(using: &random) == nil)
        #expect(crowd.count == 2)
        let drawn = Set((0..<1_000).compactMap { _ in crowd.draw(using: &random) })
        #expect(!drawn.contains(quiet) && drawn.count == 2)
    }

    @Test func nobodyIsDrawnWhereNobodyIsLeft() {
        var crowd = Crowd(activities: [2], skew: .even)
        var random = CommunityRandom(seed: 6)
        #expect(crowd.draw(using: &random) == nil)
        crowd.join(persona: 0, using: &random)
        crowd.quieten(using: &random)
        crowd.quieten(using: &random)
        #expect(crowd.leave(using: &random) == 0)
        #expect(crowd.draw(using: &random) == nil)
    }

    @Test func halfOfThoseWhoGrowQuietLeave() {
        var configuration = CommunityConfiguration(seed: 8, initialSize: 1_000)
        configuration.churn = 0.6
        var generator = CommunityGenerator(configuration)
        for _ in 0..<configuration.initialRecordCount { _ = generator.next() }
        let initial = generator.accounts.count
        for _ in 0..<400_000 { _ = generator.next() }
        let joined = generator.accounts.count - initial
        let left = generator.accounts.all.count { $0.isClosed }
        #expect(Self.isPlausible([left, joined - left], [0.3, 0.7]))
        #expect(generator.accounts.all.allSatisfy { $0.earnedHundredths >= $0.spentHundredths })
    }

    @Test(arguments: [Skew.even, .heavy], [0, 3])
    func theSameSeedGivesTheSameRecords(_ skew: Skew, _ personas: Int) throws {
        var configuration = CommunityConfiguration(seed: 21, initialSize: 50)
        configuration.skew = skew
        configuration.personas = personas
        configuration.churn = 0.5
        configuration.dirt = try #require(DirtShares(DirtShares.realistic))
        var one = CommunityGenerator(configuration)
        var other = CommunityGenerator(configuration)
        #expect((0..<20_000).allSatisfy { _ in one.next() == other.next() })
    }

    @Test func anImpossibleCommunityIsExplained() {
        var configuration = CommunityConfiguration(initialSize: 1)
        configuration.personas = 9
        #expect(configuration.problem?.contains("9") == true)
        configuration.personas = -1
        #expect(configuration.problem?.contains("-1") == true)
        configuration.personas = 8
        configuration.churn = .nan
        #expect(configuration.problem?.contains("churn") == true)
        configuration.churn = 1.5
        #expect(configuration.problem?.contains("1.5") == true)
    }
}
