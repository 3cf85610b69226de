/// A topic of the community's events, by the name it has in Kafka and in the raw zone.
package enum CommunityTopic: String, CaseIterable, Codable, Sendable {
    /// Users who joined the community.
    case users = "utenti"
    /// Sustainable behaviours, each rewarded with tokens.
    case behaviours = "comportamenti"
    /// Prizes, each paid with tokens.
    case prizes = "premi"

    /// The topic's name.
    package var name: String { rawValue }

    /// The topic's place in ``allCases``, for tables with one entry a topic.
    package var index: Int {
        switch self {
        case .users: 0
        case .behaviours: 1
        case .prizes: 2
        }
    }
}
