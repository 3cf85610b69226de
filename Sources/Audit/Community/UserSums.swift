package import Community
package import ExactValues
package import GroundTruth

/// Tokens earned and spent by user, as the lines of the raw zone say.
package struct UserSums: Sendable {
    package private(set) var byUser: [ExactText: TokenSums] = [:]
    /// Lines that have no user and amount, by topic.
    package private(set) var unreadable: [String: Int64] = [:]

    package init() {}

    /// Adds a line of `topic`; lines of `utenti` and of other topics have no amount and do not count.
    package mutating func add(_ line: UnsafeRawBufferPointer, of topic: CommunityTopic) {
        switch topic {
        case .users: return
        case .behaviours:
            guard let event = EventLine(line, of: topic) else {
                unreadable[topic.name, default: 0] += 1
                return
            }
            byUser[event.user, default: TokenSums()].earnedCount += 1
            byUser[event.user, default: TokenSums()].earnedHundredths += event.hundredths
        case .prizes:
            guard let event = EventLine(line, of: topic) else {
                unreadable[topic.name, default: 0] += 1
                return
            }
            byUser[event.user, default: TokenSums()].spentCount += 1
            byUser[event.user, default: TokenSums()].spentHundredths += event.hundredths
        }
    }

    /// The sum of all users' amounts of a topic, in hundredths of a token.
    package func hundredths(of topic: CommunityTopic) -> Int64 {
        switch topic {
        case .users: 0
        case .behaviours: byUser.values.reduce(0) { $0 + Int64($1.earnedHundredths) }
        case .prizes: byUser.values.reduce(0) { $0 + Int64($1.spentHundredths) }
        }
    }

    package static func += (left: inout UserSums, right: UserSums) {
        left.byUser.merge(right.byUser) { first, second in
            var sum = first
            sum += second
            return sum
        }
        left.unreadable.merge(right.unreadable, uniquingKeysWith: +)
    }
}
