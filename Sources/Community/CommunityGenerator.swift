import PlainText

/// The community's endless stream of records: the same configuration gives the same records.
///
/// First come `initialSize` records of `utenti`, then five times as many behaviours, then without end behaviours,
/// prizes and users by ``CommunityWeights/topic``. One generator is one sequence: for more
/// throughput, records are sent in parallel, not made in parallel.
///
/// A behaviour that is due before any user joined has an empty id, like a prize that no user can pay for.
///
/// Accounts hold what the records say, the bad ones too: an amount that nobody can read is on no account, and an event
/// that is sent twice counts twice. So no balance is ever below zero, for whoever adds up the records.
package struct CommunityGenerator: Sendable {
    /// Of how many records before it a duplicate can be.
    package static let recentMax = 64
    /// How many users are asked, one after the other, whether they take a prize before nobody does.
    private static let payersAsked = 8

    package let configuration: CommunityConfiguration
    /// What every user earned and spent by the records so far.
    package private(set) var accounts = Accounts()
    /// How many records were made.
    package private(set) var producedCount = 0
    /// By user, in the order they joined: the index of the persona. Empty where there are none.
    package private(set) var personas: [UInt8] = []

    private let isDirty: Bool
    private var random: CommunityRandom
    /// Of their own, so that the events stay the same: which records are bad.
    private var dirtRandom: CommunityRandom
    /// Which users are alike, grow quiet and leave; `nil`: all take part alike.
    private var crowd: Crowd?
    /// The latest good events, for duplicates, in a ring.
    private var recent: [CommunityEvent] = []
    private var recentEnd = 0
    /// Day number of the earliest possible birth, and how many days a birth can be on: by persona, or for all users.
    private let births: [(first: Int, days: Int)]

    /// - Precondition: the configuration has no ``CommunityConfiguration/problem``.
    package init(_ configuration: CommunityConfiguration) {
        precondition(configuration.problem == nil, configuration.problem ?? "")
        self.configuration = configuration
        isDirty = !configuration.dirt.isEmpty
        random = CommunityRandom(seed: configuration.seed)
        dirtRandom = CommunityRandom(seed: configuration.seed ^ 0xD1B5_4A32_D192_ED03)
        let own = Persona.all.prefix(configuration.personas)
        births = (own.isEmpty ? [CommunityWeights.ages] : own.map(\.ages)).map { ages in
            // A person is 90 until the day before the 91st birthday, and 18 from the 18th birthday on.
            let first = configuration.referenceDate.years(before: ages.upperBound + 1).dayNumber + 1
            return (first, configuration.referenceDate.years(before: ages.lowerBound).dayNumber - first + 1)
        }
        if configuration.hasCrowd {
            crowd = Crowd(activities: own.isEmpty ? [1] : own.map(\.activity), skew: configuration.skew)
        }
        accounts.reserveCapacity(configuration.initialSize)
    }

    /// The next record.
    package mutating func next() -> CommunityRecord {
        let place = producedCount
        producedCount += 1
        guard isDirty else {
            let event = makeEvent(at: place)
            settle(event)
            return CommunityRecord(event)
        }
        let record = makeRecord(at: place, dirt: configuration.dirt.draw(using: &dirtRandom))
        settle(record)
        return record
    }

    private mutating func makeRecord(at place: Int, dirt: Dirt?) -> CommunityRecord {
        let variant = dirt == nil ? 0 : UInt32(truncatingIfNeeded: dirtRandom.next() >> 33)
        if dirt == .duplicate, let again = pickRecent(from: Int(variant)) {
            return CommunityRecord(again, dirt: .duplicate, variant: variant)
        }
        let event = makeEvent(at: place)
        guard let dirt, dirt != .duplicate, event.user != nil, dirt.befalls(event.topic) else {
            remember(event)
            return CommunityRecord(event)
        }
        return CommunityRecord(event, dirt: dirt, variant: variant)
    }

    /// What the record says is on the user's account from now on.
    private mutating func settle(_ record: CommunityRecord) {
        let effect = record.effect
        guard effect.userNumber > 0, effect.hundredths > 0 else { return }
        let user = Int(effect.userNumber) - 1
        switch effect.form {
        case .behaviour: accounts.earn(UInt32(effect.hundredths), by: user)
        case .prize: accounts.spend(UInt32(effect.hundredths), by: user)
        case .user, .broken, .withoutValue: break
        }
    }

    /// The same for a good record, which says what happened.
    private mutating func settle(_ event: CommunityEvent) {
        switch event {
        case .behaviour(let behaviour, let user):
            accounts.earn(behaviour.rewardHundredths, by: Int(user.number) - 1)
        case .prize(let prize, let user): accounts.spend(prize.price.hundredths, by: Int(user.number) - 1)
        case .registration, .withoutUser: break
        }
    }

    private mutating func makeEvent(at place: Int) -> CommunityEvent {
        if place < configuration.initialSize { return makeUser() }
        if place < configuration.initialRecordCount { return makeBehaviour() }
        switch CommunityWeights.topic.draw(using: &random) {
        case .users:
            let event = makeUser()
            if configuration.churn > 0, event.user != nil { passOn() }
            return event
        case .behaviours: return makeBehaviour()
        case .prizes: return makePrize()
        }
    }

    private mutating func makeUser() -> CommunityEvent {
        guard let partner = CommunityWeights.partner.draw(using: &random) else { return .withoutUser(.users) }
        var persona = 0
        if configuration.personas > 0 {
            persona = random.below(configuration.personas)
            personas.append(UInt8(persona))
        }
        let birthDate = CalendarDate(dayNumber: births[persona].first + random.below(births[persona].days))
        let sex = CommunityWeights.sex.draw(using: &random)
        let province = CommunityWeights.province.draw(using: &random)
        crowd?.join(persona: persona, using: &random)
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
        guard let crowd else {
            let behaviour = Self.behaviours[random.below(Self.behaviours.count)]
            guard accounts.count > 0 else { return .withoutUser(.behaviours) }
            return .behaviour(behaviour, by: accounts.id(of: random.below(accounts.count)))
        }
        guard let user = crowd.draw(using: &random), accounts.canEarn(user) else { return .withoutUser(.behaviours) }
        let behaviours =
            personas.isEmpty
            ? Self.behaviours
            : Self.behavioursOfPartner[
                Int(Persona.all[Int(personas[user])].partners.draw(using: &random).rawValue)
            ]
        return .behaviour(behaviours[random.below(behaviours.count)], by: accounts.id(of: user))
    }

    private mutating func makePrize() -> CommunityEvent {
        let prize = Self.prizes[random.below(Self.prizes.count)]
        guard let user = drawPayer(of: prize.price) else { return .withoutUser(.prizes) }
        return .prize(prize, by: accounts.id(of: user))
    }

    /// Who buys: of those whose balance covers it, the first who wants to.
    private mutating func drawPayer(of price: PriceLevel) -> Int? {
        guard !personas.isEmpty else { return accounts.drawPayer(of: price, using: &random) }
        for _ in 0..<Self.payersAsked {
            guard let user = accounts.drawPayer(of: price, using: &random) else { return nil }
            if random.below(100) < Persona.all[Int(personas[user])].spendingPercent { return user }
        }
        return nil
    }

    /// A user joined: by the churn's chance another one grows quiet, and by half of it a quiet one leaves.
    private mutating func passOn() {
        func happens(_ chance: Double, _ random: inout CommunityRandom) -> Bool {
            Double(random.next() >> 11) * 0x1p-53 < chance
        }
        if happens(configuration.churn, &random) { crowd?.quieten(using: &random) }
        if happens(configuration.churn / 2, &random), let user = crowd?.leave(using: &random) { accounts.close(user) }
    }

    private mutating func remember(_ event: CommunityEvent) {
        guard event.user != nil, configuration.dirt.shares[.duplicate] != nil else { return }
        if recent.count < Self.recentMax {
            recent.append(event)
        } else {
            recent[recentEnd] = event
            recentEnd = (recentEnd + 1) % Self.recentMax
        }
    }

    /// One of the latest events that can come again: a prize only where the balance covers it a second time.
    private func pickRecent(from start: Int) -> CommunityEvent? {
        for step in 0..<recent.count {
            let event = recent[(start + step) % recent.count]
            switch event {
            case .registration, .withoutUser: return event
            case .behaviour(_, let user):
                if accounts.canEarn(Int(user.number) - 1) { return event }
            case .prize(let prize, let user):
                let balance = accounts.all[Int(user.number) - 1].balanceHundredths
                if balance >= prize.price.hundredths { return event }
            }
        }
        return nil
    }

    private static let behaviours = Behaviour.allCases
    private static let behavioursOfPartner = Partner.allCases.map { partner in
        Behaviour.allCases.filter { $0.partner == partner }
    }
    private static let prizes = Prize.allCases
}
