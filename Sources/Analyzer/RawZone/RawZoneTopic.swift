import Community

/// The topics that the analysis reads, and the fields it needs of each (the data contract of the original system).
package enum RawZoneTopic: String, CaseIterable, Sendable, Codable {
    /// Users.
    case utenti
    /// Behaviours, which earn tokens.
    case comportamenti
    /// Prizes, which cost tokens.
    case premi

    /// The fields of a row, in the order in which ``RowReader`` gives them.
    var fields: [RowField] {
        switch self {
        case .utenti:
            [.text("id_utente"), .text("Sesso"), .number("Eta"), .text("Provincia")]
        case .comportamenti:
            [.text("id_utente"), .text("Partner_erogante"), .text("comportamento"), .number("reward(tk)")]
        case .premi:
            [.text("id_utente"), .text("Partner_erogante"), .text("premio"), .number("prezzo(tk)")]
        }
    }
}
