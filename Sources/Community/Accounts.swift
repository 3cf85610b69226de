/// Every user's account, and for each price the users who can pay it.
package struct Accounts: Sendable {
    /// By user, in the order they joined; the number in a user's id is the index here plus 1.
    package private(set) var all: [Account] = []
    private var payersOfFive = EligibleUsers()
    private var payersOfTen = EligibleUsers()

    package init() {}

    /// How many users there are.
    package var count: Int { all.count }

    /// Makes room for this many users at once.
    package mutating func reserveCapacity(_ users: Int) {
        all.reserveCapacity(users)
        payersOfFive.reserveCapacity(users)
        payersOfTen.reserveCapacity(users)
    }

    /// A user joins, with nothing on the account.
    package mutating func open(broughtBy partner: Partner) -> UserID {
        all.append(Account(partner: partner))
        payersOfFive.addUser()
        payersOfTen.addUser()
        return id(of: all.count - 1)
    }

    /// The id of the user at `index`.
    package func id(of index: Int) -> UserID {
        UserID(partner: all[index].partner, number: UInt32(index + 1))
    }

    /// A reward is put on the account of the user at `index`.
    package mutating func earn(_ hundredths: UInt32, by index: Int) {
        let before = all[index].spendableHundredths
        all[index].earnedCount += 1
        all[index].earnedHundredths += hundredths
        updatePayers(index, before: before)
    }

    /// Whether the account of the user at `index` has room for another reward. Only where few users take part without end
    /// is there none.
    func canEarn(_ index: Int) -> Bool { all[index].earnedHundredths < UInt32.max / 2 }

    /// A price is taken from the account of the user at `index`.
    ///
    /// - Precondition: the balance covers it.
    package mutating func spend(_ hundredths: UInt32, by index: Int) {
        let before = all[index].spendableHundredths
        precondition(all[index].balanceHundredths >= hundredths, "a balance is never below zero")
        all[index].spentCount += 1
        all[index].spentHundredths += hundredths
        updatePayers(index, before: before)
    }

    /// The user at `index` leaves: the account stays, and buys nothing any more.
    mutating func close(_ index: Int) {
        let before = all[index].spendableHundredths
        all[index].isClosed = true
        updatePayers(index, before: before)
    }

    /// A random user whose balance covers `price`; `nil` if there is none.
    package func drawPayer(of price: PriceLevel, using random: inout CommunityRandom) -> Int? {
        switch price {
        case .five: payersOfFive.draw(using: &random)
        case .ten: payersOfTen.draw(using: &random)
        }
    }

    /// Only a balance that crosses a price changes who can pay it: most do not, and the lists are not looked at.
    private mutating func updatePayers(_ index: Int, before: UInt32) {
        let after = all[index].spendableHundredths
        let (five, ten) = (PriceLevel.five.hundredths, PriceLevel.ten.hundredths)
        if (before >= five) != (after >= five) { payersOfFive.set(index, eligible: after >= five) }
        if (before >= ten) != (after >= ten) { payersOfTen.set(index, eligible: after >= ten) }
    }
}

/// What one user earned and spent, in 20 bytes: a community of a million users must stay small.
///
/// 32 bits hold 42 million tokens. Where all take part alike no user comes near: users keep joining, so that after `n`
/// records one of them has taken part in about `6 log n`.
package struct Account: Equatable, Sendable {
    /// The partner that brought the user in.
    package let partner: Partner
    /// Whether the user has left.
    fileprivate(set) var isClosed = false
    /// Rewarded behaviours.
    package internal(set) var earnedCount: UInt32 = 0
    /// Their rewards, in hundredths of a token.
    package internal(set) var earnedHundredths: UInt32 = 0
    /// Prizes bought.
    package internal(set) var spentCount: UInt32 = 0
    /// Their prices, in hundredths of a token.
    package internal(set) var spentHundredths: UInt32 = 0

    init(partner: Partner) {
        self.partner = partner
    }

    /// What the user can spend, in hundredths of a token. Traps where more was spent than earned: balances are never
    /// below zero.
    package var balanceHundredths: UInt32 { earnedHundredths - spentHundredths }

    /// The same, but nothing for who has left.
    fileprivate var spendableHundredths: UInt32 { isClosed ? 0 : balanceHundredths }
}

/// The users whose balance covers one price: joins, leaves and an even draw each take one step.
///
/// Members are in one array without gaps: a user that leaves is replaced by the last one. `places` is the index of each user.
/// Eight bytes a user.
struct EligibleUsers: Sendable {
    private static let absent = UInt32.max

    /// Who can pay, in no particular but reproducible order.
    private var members: [UInt32] = []
    /// By user: the place in `members`, or ``absent``.
    private var places: [UInt32] = []

    /// Makes room for this many users at once.
    mutating func reserveCapacity(_ users: Int) {
        members.reserveCapacity(users)
        places.reserveCapacity(users)
    }

    /// Adds a user of the community, who cannot pay yet; users are numbered in the order they are added.
    mutating func addUser() {
        places.append(Self.absent)
    }

    /// Says whether `user` can pay from now on.
    mutating func set(_ user: Int, eligible: Bool) {
        let place = places[user]
        guard (place != Self.absent) != eligible else { return }
        if eligible {
            places[user] = UInt32(members.count)
            members.append(UInt32(user))
        } else {
            let last = members.removeLast()
            places[user] = Self.absent
            if last != UInt32(user) {
                members[Int(place)] = last
                places[Int(last)] = place
            }
        }
    }

    /// A random user who can pay; `nil` if there is none.
    func draw(using random: inout CommunityRandom) -> Int? {
        members.isEmpty ? nil : Int(members[random.below(members.count)])
    }
}
