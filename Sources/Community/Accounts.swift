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
        all[index].earnedCount += 1
        all[index].earnedHundredths += hundredths
        updatePayers(index)
    }

    /// A price is taken from the account of the user at `index`.
    ///
    /// - Precondition: the balance covers it.
    package mutating func spend(_ hundredths: UInt32, by index: Int) {
        precondition(all[index].balanceHundredths >= hundredths, "a balance is never below zero")
        all[index].spentCount += 1
        all[index].spentHundredths += hundredths
        updatePayers(index)
    }

    /// One of those whose balance covers `price`, each equally likely; `nil` where nobody's does.
    package func drawPayer(of price: PriceLevel, using random: inout CommunityRandom) -> Int? {
        switch price {
        case .five: payersOfFive.draw(using: &random)
        case .ten: payersOfTen.draw(using: &random)
        }
    }

    private mutating func updatePayers(_ index: Int) {
        let balance = all[index].balanceHundredths
        payersOfFive.set(index, eligible: balance >= PriceLevel.five.hundredths)
        payersOfTen.set(index, eligible: balance >= PriceLevel.ten.hundredths)
    }
}
