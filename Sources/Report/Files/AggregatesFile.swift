import Analyzer

/// `aggregates.csv`: the original's groups, one line for each user and partner that have events together, sorted by
/// both. Amounts are in tk.
struct AggregatesFile {
    let result: AnalysisResult

    var head: String {
        CSVText.line(["id_utente", "Partner_erogante", "comportamenti", "sum_reward(tk)", "premi", "sum_prezzo(tk)"])
    }

    /// Users; each has as many lines as partners.
    var count: Int { result.features.count }

    func lines(_ user: Int) -> String {
        let table = result.features
        return table.partners.map { partner in
            guard partner.behaviours[user] + partner.prizes[user] > 0 else { return "" }
            return CSVText.line([
                table.ids[user],
                partner.name,
                String(partner.behaviours[user]),
                SegmentsFile.plain(hundredths: partner.earned[user]),
                String(partner.prizes[user]),
                SegmentsFile.plain(hundredths: partner.spent[user]),
            ])
        }.joined()
    }
}
