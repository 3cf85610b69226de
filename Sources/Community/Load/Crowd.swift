/// Who takes part next where users are not alike: they differ by persona and by level of activity, grow quiet, and leave.
///
/// Users who are alike are one class, so that a draw takes as many steps as there are classes, however many users there
/// are. Within a class, members are in one array without gaps, and `places` is the index of each user: joining and moving
/// take one step. Twelve bytes a user.
struct Crowd: Sendable {
    /// Levels of activity under ``Skew/heavy``: level `n` takes part 2ⁿ times as often as level 0.
    static let levels = 12
    /// Of 65,536 users at a level or above, so many are above it: 2^-1.16.
    static let nextLevelChance = 29_330
    /// How much less a quiet user takes part.
    static let quietDivisor = 8

    private struct Class {
        /// Of one member.
        let weight: Int
        var members: [UInt32] = []

        var totalWeight: Int { weight * members.count }
    }

    private static let gone = UInt16.max

    private let activities: [Int]
    private let skew: Skew
    /// By persona, then level; first active, then quiet.
    private var classes: [Class] = []
    /// By user.
    private var classOfUser: [UInt16] = []
    private var places: [UInt32] = []
    private var totalWeight = 0
    /// Users by whether they are quiet.
    private var activeCount = 0
    private var quietCount = 0

    /// - Parameter activities: by persona, how often its users take part; one entry where there are none.
    init(activities: [Int], skew: Skew) {
        self.activities = activities
        self.skew = skew
        for activity in activities {
            for level in 0..<(skew == .heavy ? Self.levels : 1) {
                classes.append(Class(weight: (activity << level) * Self.quietDivisor))
                classes.append(Class(weight: activity << level))
            }
        }
    }

    /// How many users take part still.
    var count: Int { activeCount + quietCount }

    /// A user joins; users are numbered in the order they do.
    mutating func join(persona: Int, using random: inout CommunityRandom) {
        var level = 0
        if skew == .heavy {
            while level < Self.levels - 1, random.below(65_536) < Self.nextLevelChance { level += 1 }
        }
        let levels = skew == .heavy ? Self.levels : 1
        classOfUser.append(Self.gone)
        places.append(0)
        put(classOfUser.count - 1, in: (persona * levels + level) * 2)
    }

    /// Who takes part next; `nil`: nobody is left.
    func draw(using random: inout CommunityRandom) -> Int? {
        guard totalWeight > 0 else { return nil }
        var number = random.below(totalWeight)
        for group in classes {
            let weight = group.totalWeight
            if number < weight { return Int(group.members[number / group.weight]) }
            number -= weight
        }
        preconditionFailure("the classes' weights are the total")
    }

    /// One active user grows quiet; each is as likely.
    mutating func quieten(using random: inout CommunityRandom) {
        guard activeCount > 0 else { return }
        let user = member(random.below(activeCount), isQuiet: false)
        let place = Int(classOfUser[user])
        remove(user)
        put(user, in: place + 1)
    }

    /// One quiet user leaves; each is as likely.
    ///
    /// - Returns: who; `nil`: nobody is quiet.
    mutating func leave(using random: inout CommunityRandom) -> Int? {
        guard quietCount > 0 else { return nil }
        let user = member(random.below(quietCount), isQuiet: true)
        remove(user)
        return user
    }

    /// The user at a place among the active or the quiet ones.
    private func member(_ place: Int, isQuiet: Bool) -> Int {
        var number = place
        for index in stride(from: isQuiet ? 1 : 0, to: classes.count, by: 2) {
            let members = classes[index].members
            if number < members.count { return Int(members[number]) }
            number -= members.count
        }
        preconditionFailure("the classes' members are all users")
    }

    private mutating func put(_ user: Int, in index: Int) {
        classOfUser[user] = UInt16(index)
        places[user] = UInt32(classes[index].members.count)
        classes[index].members.append(UInt32(user))
        totalWeight += classes[index].weight
        if index.isMultiple(of: 2) { activeCount += 1 } else { quietCount += 1 }
    }

    private mutating func remove(_ user: Int) {
        let index = Int(classOfUser[user])
        let place = Int(places[user])
        let last = classes[index].members.removeLast()
        if last != UInt32(user) {
            classes[index].members[place] = last
            places[Int(last)] = UInt32(place)
        }
        classOfUser[user] = Self.gone
        totalWeight -= classes[index].weight
        if index.isMultiple(of: 2) { activeCount -= 1 } else { quietCount -= 1 }
    }
}
