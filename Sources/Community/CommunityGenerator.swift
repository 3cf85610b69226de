import PlainText

/// The community's endless stream of events: the same configuration gives the same events.
///
/// First come `initialSize` records of `utenti`, then five times as many behaviours, then without end behaviours,
/// prizes and users by ``CommunityWeights/topic``. One generator is one sequence: for more
/// throughput, records are sent in parallel, not made in parallel.
///
/// A behaviour that is due before any user joined has an empty id, like a prize that no user can pay for.
package struct CommunityGenerator: Sendable {
    package let configuration: CommunityConfiguration
    /// What every user earned and spent by the events so far.
    package private(set) var accounts = Accounts()
    /// How many events were made.
    package private(set) var producedCount = 0

    private var random: CommunityRandom
    /// Day number of the earliest possible birth.
    private let firstBirth: Int
    /// How many days a user's birth can be on.
    private let birthDays: Int

    /// - Precondition: the configuration has no ``CommunityConfiguration/problem``.
    package init(_ configuration: CommunityConfiguration) {
        precondition(configuration.problem == nil, configuration.problem ?? "")
        self.configuration = configuration
        random = CommunityRandom(seed: configuration.seed)
        // A person is 90 until the day before the 91st birthday, and 18 from the 18th birthday on.
        let ages = CommunityWeights.ages
        firstBirth = configuration.referenceDate.years(before: ages.upperBound + 1).dayNumber + 1
        birthDays = configuration.referenceDate.years(before: ages.lowerBound).dayNumber - firstBirth + 1
        accounts.reserveCapacity(configuration.initialSize)
    }

    /// The next event.
    package mutating func next() -> CommunityEvent {
        let place = producedCount
        producedCount += 1
        if place < configuration.initialSize { return makeUser() }
        if place < configuration.initialRecordCount { return makeBehaviour() }
        switch CommunityWeights.topic.draw(using: &random) {
        case .users: return makeUser()
        case .behaviours: return makeBehaviour()
        case .prizes: return makePrize()
        }
    }

    private mutating func makeUser() -> CommunityEvent {
        guard let partner = CommunityWeights.partner.draw(using: &random) else { return .withoutUser(.users) }
        let birthDate = CalendarDate(dayNumber: firstBirth + random.below(birthDays))
        let sex = CommunityWeights.sex.draw(using: &random)
        let province = CommunityWeights.province.draw(using: &random)
        return .registration(
            UserProfile(
                id: accounts.open(broughtBy: partner),
                sex: sex,
                birthDate: birthDate,
                age: birthDate.age(on: configuration.referenceDate),
                province: province
            )
        )
    }

    private mutating func makeBehaviour() -> CommunityEvent {
        let behaviour = Self.behaviours[random.below(Self.behaviours.count)]
        guard accounts.count > 0 else { return .withoutUser(.behaviours) }
        let user = random.below(accounts.count)
        accounts.earn(behaviour.rewardHundredths, by: user)
        return .behaviour(behaviour, by: accounts.id(of: user))
    }

    private mutating func makePrize() -> CommunityEvent {
        let prize = Self.prizes[random.below(Self.prizes.count)]
        guard let user = accounts.drawPayer(of: prize.price, using: &random) else { return .withoutUser(.prizes) }
        accounts.spend(prize.price.hundredths, by: user)
        return .prize(prize, by: accounts.id(of: user))
    }

    private static let behaviours = Behaviour.allCases
    private static let prizes = Prize.allCases
}
