/// The users whose balance covers one price: joins, leaves and an even draw each take one step.
///
/// Members stand in one array without gaps; who leaves is replaced by the last. `places` says where each user stands.
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

    /// One of those who can pay, each equally likely; `nil` where nobody can.
    func draw(using random: inout CommunityRandom) -> Int? {
        members.isEmpty ? nil : Int(members[random.below(members.count)])
    }
}
