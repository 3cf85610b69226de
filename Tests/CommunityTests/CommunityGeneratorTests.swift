import PlainText
import Testing

@testable import Community

@Suite struct CommunityGeneratorTests {
    @Test func usersComeFirstThenFiveTimesAsManyBehaviours() {
        var generator = CommunityGenerator(CommunityConfiguration(seed: 1, initialSize: 200))
        #expect((0..<200).allSatisfy { _ in generator.next().topic == .users })
        #expect((0..<1000).allSatisfy { _ in generator.next().topic == .behaviours })
        #expect(Set((0..<200).map { _ in generator.next().topic }) == Set(CommunityTopic.allCases))
    }

    @Test func usersAreNumberedFromOneAndTombstonesTakeNoNumber() {
        var generator = CommunityGenerator(CommunityConfiguration(seed: 3, initialSize: 500))
        var numbers: [UInt32] = []
        var tombstones = 0
        for _ in 0..<500 {
            switch generator.next().event {
            case .registration(let user): numbers.append(user.id.number)
            case .withoutUser(.users): tombstones += 1
            default: Issue.record("only users are due")
            }
        }
        #expect(tombstones > 0)
        #expect(numbers == Array(1...UInt32(500 - tombstones)))
    }

    @Test func theSameSeedGivesTheSameEvents() {
        let configuration = CommunityConfiguration(seed: 7, initialSize: 100)
        var one = CommunityGenerator(configuration)
        var other = CommunityGenerator(configuration)
        #expect((0..<5000).allSatisfy { _ in one.next() == other.next() })
    }

    @Test func anotherSeedGivesOtherEvents() {
        var one = CommunityGenerator(CommunityConfiguration(seed: 7, initialSize: 100))
        var other = CommunityGenerator(CommunityConfiguration(seed: 8, initialSize: 100))
        #expect(!(0..<100).allSatisfy { _ in one.next() == other.next() })
    }

    @Test func withoutUsersBehavioursAndPrizesHaveNoUser() {
        var generator = CommunityGenerator(CommunityConfiguration(seed: 0, initialSize: 0))
        var events: [CommunityEvent] = []
        while events.last?.topic != .users { events.append(generator.next().event) }
        #expect(events.dropLast().allSatisfy { $0 == .withoutUser(.behaviours) || $0 == .withoutUser(.prizes) })
    }

    @Test func whoBuysCouldPay() {
        var generator = CommunityGenerator(CommunityConfiguration(seed: 11, initialSize: 20))
        var balances: [UserID: Int] = [:]
        var tombstones = 0
        for _ in 0..<50_000 {
            switch generator.next().event {
            case .registration(let user): balances[user.id] = 0
            case .behaviour(let behaviour, let user): balances[user, default: -1] += Int(behaviour.rewardHundredths)
            case .prize(let prize, let user):
                balances[user, default: -1] -= Int(prize.price.hundredths)
                #expect(balances[user, default: -1] >= 0)
            case .withoutUser(.prizes):
                tombstones += 1
            case .withoutUser: break
            }
        }
        let kept = generator.accounts.all.enumerated().map { index, account in
            balances[generator.accounts.id(of: index)] == Int(account.balanceHundredths)
        }
        #expect(kept.allSatisfy { $0 }, "the generator keeps the balances that its events make")
    }

    @Test func aPrizeThatNoUserCanPayHasNoUser() {
        // One initial user has five behaviours, 4.5 to 14.25 tokens: prizes soon exceed them.
        let seeds: [UInt64] = Array(0..<20)
        let found = seeds.contains { seed in
            var generator = CommunityGenerator(CommunityConfiguration(seed: seed, initialSize: 1))
            return (0..<50).contains { _ in generator.next().event == .withoutUser(.prizes) }
        }
        #expect(found)
    }

    @Test(arguments: ["2021-03-24", "2024-02-29", "2023-12-31", "2000-01-01"])
    func agesAndBirthDatesAgreeOnTheReferenceDate(_ text: String) throws {
        let reference = try #require(CalendarDate(text))
        var generator = CommunityGenerator(
            CommunityConfiguration(seed: 5, initialSize: 100_000, referenceDate: reference)
        )
        var births: Set<CalendarDate> = []
        for _ in 0..<100_000 {
            guard case .registration(let user) = generator.next().event else { continue }
            births.insert(user.birthDate)
            #expect((18...90).contains(user.age))
            #expect(user.age == user.birthDate.age(on: reference))
        }
        let youngest = reference.years(before: 18)
        let oldest = CalendarDate(dayNumber: reference.years(before: 91).dayNumber + 1)
        #expect(births.max() == youngest, "who turns 18 on that day takes part")
        #expect(births.min() == oldest, "who turns 91 on the next day takes part")
    }

    @Test func anInvalidConfigurationIsExplained() throws {
        #expect(CommunityConfiguration(initialSize: 1).problem == nil)
        #expect(CommunityConfiguration(initialSize: -1).problem?.contains("-1") == true)
        #expect(CommunityConfiguration(initialSize: .max).problem != nil)
        let early = try #require(CalendarDate("0099-12-31"))
        #expect(CommunityConfiguration(initialSize: 1, referenceDate: early).problem?.contains("0099") == true)
    }
}
