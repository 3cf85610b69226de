import Analysis
import Community

extension RawZoneTopic {
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
