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
    ///
    /// - Returns: the amount, in hundredths of a token; 0 where there is none.
    package mutating func add(_ line: UnsafeRawBufferPointer, of topic: CommunityTopic) -> Int {
        guard topic != .users else { return 0 }
        guard let event = EventLine(line, of: topic) else {
            unreadable[topic.name, default: 0] += 1
            return 0
        }
        byUser[event.user, default: TokenSums()] += TokenSums(event, of: topic)
        return event.hundredths
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
        // The first sums are taken as they are.
        if left.byUser.isEmpty {
            left.byUser = right.byUser
        } else {
            for (user, sums) in right.byUser { left.byUser[user, default: TokenSums()] += sums }
        }
        left.unreadable.merge(right.unreadable, uniquingKeysWith: +)
    }
}

extension TokenSums {
    /// One event of a topic.
    fileprivate init(_ event: EventLine, of topic: CommunityTopic) {
        self.init()
        switch topic {
        case .users: break
        case .behaviours: (earnedCount, earnedHundredths) = (1, event.hundredths)
        case .prizes: (spentCount, spentHundredths) = (1, event.hundredths)
        }
    }
}
