import Testing

@testable import Community

/// The generator's frequencies against the weights that the original data source used, on a million records.
///
/// A frequency of chance p among n records is drawn with the standard deviation √(p(1−p)/n). Five of them are allowed:
/// a sound generator would miss that once in 1.7 million draws, and the seed is fixed, so the test never wavers.
@Suite struct CommunityWeightsTests {
    /// What a million records contain, counted in one pass.
    struct Census {
        var topics: [CommunityTopic: Int] = [:]
        var partners: [Partner?: Int] = [:]
        var sexes: [Sex: Int] = [:]
        var provinces: [Province: Int] = [:]
        var ages: [Int: Int] = [:]
        var behaviours: [Behaviour: Int] = [:]
        var prizes: [Prize: Int] = [:]
        var unpaidPrizes = 0
        var lowestBalance = UInt32.max

        var earnedHundredths = 0
        var spentHundredths = 0

        static let million = Census(records: 1_000_000, initialSize: 10_000)

        init(records: Int, initialSize: Int) {
            let configuration = CommunityConfiguration(seed: 42, initialSize: initialSize)
            var generator = CommunityGenerator(configuration)
            for _ in 0..<configuration.initialRecordCount { count(generator.next()) }
            for _ in 0..<records {
                let event = generator.next()
                topics[event.topic, default: 0] += 1
                count(event)
            }
            lowestBalance = generator.accounts.all.map(\.balanceHundredths).min() ?? 0
        }

        private mutating func count(_ record: CommunityRecord) {
            earnedHundredths += Int(record.effect.earnedHundredths)
            spentHundredths += Int(record.effect.spentHundredths)
            switch record.event {
            case .registration(let user):
                partners[user.id.partner, default: 0] += 1
                sexes[user.sex, default: 0] += 1
                provinces[user.province, default: 0] += 1
                ages[user.age, default: 0] += 1
            case .behaviour(let behaviour, _): behaviours[behaviour, default: 0] += 1
            case .prize(let prize, _): prizes[prize, default: 0] += 1
            case .withoutUser(.users): partners[nil, default: 0] += 1
            case .withoutUser: unpaidPrizes += 1
            }
        }
    }

    @Test func topicsComeInTheirProportion() {
        expectShares(Census.million.topics, [.behaviours: 0.60, .prizes: 0.25, .users: 0.15])
    }

    @Test func partnersBringUsersInInTheirProportion() {
        expectShares(Census.million.partners, [.hera: 0.40, .conad: 0.30, .camst: 0.19, nil: 0.11])
    }

    @Test func sexesAreDrawnInTheirProportion() {
        expectShares(Census.million.sexes, [.male: 0.4, .female: 0.6])
    }

    @Test func provincesAreDrawnInTheirProportion() {
        expectShares(
            Census.million.provinces,
            [.bologna: 0.5, .modena: 0.1, .reggioEmilia: 0.3, .parma: 0.1]
        )
    }

    @Test func behavioursAreEvenlyFrequent() {
        let share = 1.0 / 6
        expectShares(
            Census.million.behaviours,
            [
                .gasMeterReading: share, .electronicBill: share, .renewableEnergy: share, .sustainableProducts: share,
                .plasticBottles: share, .sustainableMenu: share,
            ]
        )
    }

    @Test func prizesAreEvenlyFrequentWhileUsersCanPay() {
        // Prices outweigh rewards, so the balances of the initial behaviours are soon spent: look before that.
        let census = Census(records: 200_000, initialSize: 100_000)
        expectShares(
            census.prizes,
            [.billDiscount: 0.25, .groceryVoucher: 0.25, .dearGroceryVoucher: 0.25, .mealVoucher: 0.25]
        )
        #expect(census.unpaidPrizes == 0)
    }

    @Test func onceBalancesAreSpentPrizesAreAsManyAsRewardsPay() {
        // A prize is then paid as soon as a user can, so that most accounts hold less than the least price.
        let census = Census.million
        let users = Sex.allCases.reduce(0) { $0 + census.sexes[$1, default: 0] }
        #expect(census.unpaidPrizes > 0)
        #expect(census.earnedHundredths - census.spentHundredths < users * Int(PriceLevel.five.hundredths))
    }

    @Test func everyAgeIsEquallyFrequent() {
        let ages = Census.million.ages
        #expect(ages.keys.sorted() == Array(18...90))
        expectShares(ages, Dictionary(uniqueKeysWithValues: (18...90).map { ($0, 1.0 / 73) }), leapDays: 0.002)
    }

    @Test func noBalanceIsEverBelowZero() {
        // `Account.balanceHundredths` traps below zero; computing it for every user is the test.
        #expect(Census.million.lowestBalance < PriceLevel.five.hundredths)
    }

    /// - Parameter leapDays: how much larger than its chance a share may be, as a part of it, because years differ.
    private func expectShares<Key>(_ counts: [Key: Int], _ chances: [Key: Double], leapDays: Double = 0) {
        let total = Double(counts.values.reduce(0, +))
        #expect(Set(counts.keys) == Set(chances.keys))
        for (key, chance) in chances {
            let share = Double(counts[key] ?? 0) / total
            let bound = 5 * (chance * (1 - chance) / total).squareRoot() + chance * leapDays
            #expect(abs(share - chance) <= bound, "\(key): \(share) instead of \(chance) ± \(bound)")
        }
    }
}
