import Analysis

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
struct AggregatesFile {
    let analysis: Analysis

    var head: String {
        CSVText.line(
            ["id_utente", "Partner_erogante", "comportamenti", "sum_reward(tk)", "premi", "sum_prezzo(tk)"]
                .map { .text($0) }
        )
    }

    func lines(_ user: UserRow) -> String {
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
