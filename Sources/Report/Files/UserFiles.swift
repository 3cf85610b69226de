package import Analysis
import ExactValues
import PlainText

/// `segments.csv`: one line a user, sorted by the bytes of the id. Amounts are in tk with two decimals; what is unknown is
/// empty.
///
/// | column | holds |
/// | --- | --- |
/// | `id_utente` | the user |
/// | `segment` | the segment's number, 1 being the largest; 0 for users who earned nothing yet |
/// | `segment_name` | its name |
/// | `Sesso`, `Eta`, `Provincia` | of the user's last record in `utenti` |
/// | `TOT_tk_guadagnati`, `TOT_tk_spesi` | sum of rewards, sum of prices |
/// | `saldo_tk` | their difference; below zero where the files lack earlier rewards |
/// | `comportamenti`, `premi` | number of behaviours, number of prizes |
/// | `<PARTNER>_FIDELITY(%)` | one column a partner, sorted by the name's bytes: its part of the user's rewards in percent, |
/// | | two decimals; empty for users who earned nothing |
///
/// Where there are more than `Limits.partnersMax` partners, those with fewest events share `(other)_FIDELITY(%)`; rows
/// without a usable partner are in `(unknown)_FIDELITY(%)`. Texts are written as ``CSVText`` says.
package struct SegmentsFile: Sendable {
    private let analysis: Analysis

    package init(_ analysis: Analysis) {
        self.analysis = analysis
    }

    package var head: String {
        CSVText.line(
            ([
                "id_utente", "segment", "segment_name", "Sesso", "Eta", "Provincia", "TOT_tk_guadagnati",
                "TOT_tk_spesi", "saldo_tk", "comportamenti", "premi",
            ] + analysis.partners.map { $0.partner + "_FIDELITY(%)" }).map { .text($0) }
        )
    }

    package func line(_ user: UserRow) -> String {
        let segments = analysis.segmentation?.segments ?? []
        let isSegmented = segments.indices.contains(user.segment - 1)
        let rewards = user.rewards
        let prizes = user.prizes
        return CSVText.line(
            [
                .text(user.id),
                .number(String(user.segment)),
                .text(isSegmented ? segments[user.segment - 1].name : "No tokens earned yet"),
                .text(user.sex ?? ""),
                .number(user.age.map { String($0) } ?? ""),
                .text(user.province ?? ""),
                .number(Self.plain(rewards.amount)),
                .number(Self.plain(prizes.amount)),
                .number(Self.plain(rewards.amount - prizes.amount)),
                .number(String(rewards.count)),
                .number(String(prizes.count)),
            ] + user.fidelity.map { .number($0.map(Self.plain) ?? "") }
        )
    }

    /// As programs read it.
    static func plain(_ amount: TokenAmount) -> String { NumberText.plain(hundredths: amount.hundredths) }

    private static func plain(_ percent: Double) -> String {
        NumberText.plain(hundredths: Int64((percent * 100).rounded()))
    }
}

/// `aggregates.csv`: the original's groups, one line for each user and partner that have events together, sorted by the
/// bytes of both. Amounts are in tk.
///
/// | column | holds |
/// | --- | --- |
/// | `id_utente` | the user |
/// | `Partner_erogante` | the partner, or one of ``CategoryName``: `(unknown)`, `(other)` |
/// | `comportamenti` | number of behaviours |
/// | `sum_reward(tk)` | sum of their rewards, two decimals |
/// | `premi` | number of prizes |
/// | `sum_prezzo(tk)` | sum of their prices, two decimals |
///
/// Texts are written as ``CSVText`` says.
package struct AggregatesFile: Sendable {
    private let analysis: Analysis

    package init(_ analysis: Analysis) {
        self.analysis = analysis
    }

    package var head: String {
        CSVText.line(
            ["id_utente", "Partner_erogante", "comportamenti", "sum_reward(tk)", "premi", "sum_prezzo(tk)"]
                .map { .text($0) }
        )
    }

    package func lines(_ user: UserRow) -> String {
        zip(analysis.partners, user.partners).map { partner, own in
            guard own.rewards.count + own.prizes.count > 0 else { return "" }
            return CSVText.line([
                .text(user.id),
                .text(partner.partner),
                .number(String(own.rewards.count)),
                .number(SegmentsFile.plain(own.rewards.amount)),
                .number(String(own.prizes.count)),
                .number(SegmentsFile.plain(own.prizes.amount)),
            ])
        }.joined()
    }
}
