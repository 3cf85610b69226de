package import ExactValues

/// How many events, and the tokens they moved.
package struct EventTotals: Hashable, Sendable, Codable {
    package var count: Int
    /// Sum of their rewards or prices, in tk.
    package var amount: TokenAmount

    package static let zero = EventTotals(count: 0, amount: .zero)

    package init(count: Int, amount: TokenAmount) {
        self.count = count
        self.amount = amount
    }

    package mutating func add(_ other: EventTotals) {
        count += other.count
        amount = amount + other.amount
    }
}

/// The whole community in a few numbers.
package struct Population: Equatable, Sendable, Codable {
    /// Users with a record in `utenti` or an event.
    package let users: Int
    /// Users with events but no record in `utenti`: their sex, age and province are unknown.
    package let usersWithoutRecord: Int
    /// Rows of `utenti` that a later row of the same user replaced.
    package let replacedRecords: Int
    /// Users who earned something.
    package let earners: Int
    /// Users who spent something.
    package let spenders: Int
    /// Users who spent more than the files say they earned.
    package let usersBelowZero: Int
    /// `comportamenti` and their rewards.
    package let behaviours: EventTotals
    /// `premi` and their prices.
    package let prizes: EventTotals
    /// Mean of the known ages, in years.
    package let meanAge: Double?

    package init(
        users: Int,
        usersWithoutRecord: Int,
        replacedRecords: Int,
        earners: Int,
        spenders: Int,
        usersBelowZero: Int,
        behaviours: EventTotals,
        prizes: EventTotals,
        meanAge: Double?
    ) {
        self.users = users
        self.usersWithoutRecord = usersWithoutRecord
        self.replacedRecords = replacedRecords
        self.earners = earners
        self.spenders = spenders
        self.usersBelowZero = usersBelowZero
        self.behaviours = behaviours
        self.prizes = prizes
        self.meanAge = meanAge
    }

    /// Tokens that users still hold.
    package var balance: TokenAmount { behaviours.amount - prizes.amount }
}

/// Events of one hour or day, as the raw zone's directories sort them.
package struct TimelineEntry: Equatable, Sendable, Codable {
    package let time: CalendarHour
    package var users: Int
    package var behaviours: Int
    package var prizes: Int

    package init(time: CalendarHour, users: Int, behaviours: Int, prizes: Int) {
        self.time = time
        self.users = users
        self.behaviours = behaviours
        self.prizes = prizes
    }
}

/// What one partner gave and took.
package struct PartnerTotals: Equatable, Sendable, Codable {
    package let partner: String
    /// Behaviours and the rewards for them.
    package let rewards: EventTotals
    /// Prizes and their prices.
    package let prizes: EventTotals
    /// Users who earned with this partner.
    package let earners: Int

    package init(partner: String, rewards: EventTotals, prizes: EventTotals, earners: Int) {
        self.partner = partner
        self.rewards = rewards
        self.prizes = prizes
        self.earners = earners
    }
}

/// One behaviour or prize of a partner.
package struct KindTotals: Equatable, Sendable, Codable {
    package let topic: RawZoneTopic
    package let partner: String
    package let name: String
    package let totals: EventTotals

    package init(topic: RawZoneTopic, partner: String, name: String, totals: EventTotals) {
        self.topic = topic
        self.partner = partner
        self.name = name
        self.totals = totals
    }
}

/// What one user earned and spent with each partner that he has events of.
package struct UserTotals: Equatable, Sendable, Codable {
    /// With one partner.
    package struct ByPartner: Equatable, Sendable, Codable {
        package let partner: String
        package let rewards: EventTotals
        package let prizes: EventTotals

        package init(partner: String, rewards: EventTotals, prizes: EventTotals) {
            self.partner = partner
            self.rewards = rewards
            self.prizes = prizes
        }
    }

    package let id: String
    package let earned: TokenAmount
    package let spent: TokenAmount
    package let partners: [ByPartner]

    package init(id: String, earned: TokenAmount, spent: TokenAmount, partners: [ByPartner]) {
        self.id = id
        self.earned = earned
        self.spent = spent
        self.partners = partners
    }
}

/// Users of a few years of age.
package struct AgeBand: Equatable, Sendable, Codable {
    /// Years in a band.
    package static let width = 5

    /// The youngest age in it, in years; a multiple of ``width``.
    package let from: Int
    package let users: Int

    package init(from: Int, users: Int) {
        self.from = from
        self.users = users
    }
}

/// Users with one value of `Sesso` or `Provincia`.
package struct CategoryCount: Equatable, Sendable, Codable {
    /// The value, or one of ``CategoryName``.
    package let name: String
    package let users: Int

    package init(name: String, users: Int) {
        self.name = name
        self.users = users
    }
}
