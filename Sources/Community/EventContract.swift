/// A topic of the community's events, by the name it has in Kafka and in the raw zone.
///
/// This file is the wire contract that source, audit and analyzer share: the topics, the keys of their JSON
/// objects, and what each field is read as. Which values a field may have is said by ``RowValue`` and ``TokenAmount``.
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

    /// What an event of the topic names and what it moves; `nil` for users, which are not events.
    package var event: EventKeys? {
        switch self {
        case .users: nil
        case .behaviours: EventKeys(kind: "comportamento", amount: "reward(tk)")
        case .prizes: EventKeys(kind: "premio", amount: "prezzo(tk)")
        }
    }

    /// How many fields an object of the topic has. The user is the first; the amount of an event is the last.
    var fieldCount: Int { self == .users ? 5 : 4 }

    /// The fields of a row that are read: first the user; last, of an event, the amount.
    package var fields: [RowField] {
        guard let event else {
            return [.text(EventKeys.user), .text(EventKeys.sex), .number(EventKeys.age), .text(EventKeys.province)]
        }
        return [.text(EventKeys.user), .text(EventKeys.partner), .text(event.kind), .number(event.amount)]
    }
}

/// The keys of the JSON objects. Those that the topics share are static.
package struct EventKeys: Sendable {
    package static let user = "id_utente"
    package static let partner = "Partner_erogante"
    package static let sex = "Sesso"
    package static let birthDate = "Data di Nascita"
    package static let age = "Eta"
    package static let province = "Provincia"

    /// The behaviour or prize.
    package let kind: String
    /// Its reward or price, in tokens.
    package let amount: String
}
