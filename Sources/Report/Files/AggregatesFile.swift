import Analyzer

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
    let result: AnalysisResult

    var head: String {
        CSVText.line(
            ["id_utente", "Partner_erogante", "comportamenti", "sum_reward(tk)", "premi", "sum_prezzo(tk)"]
                .map { .text($0) }
        )
    }

    /// Users; each has as many lines as partners.
    var count: Int { result.features.count }

    func lines(_ user: Int) -> String {
        let table = result.features
        return table.partners.map { partner in
            guard partner.behaviours[user] + partner.prizes[user] > 0 else { return "" }
            return CSVText.line([
                .text(table.ids[user]),
                .text(partner.name),
                .number(String(partner.behaviours[user])),
                .number(SegmentsFile.plain(hundredths: partner.earned[user])),
                .number(String(partner.prizes[user])),
                .number(SegmentsFile.plain(hundredths: partner.spent[user])),
            ])
        }.joined()
    }
}
