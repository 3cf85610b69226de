import Analyzer

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
struct SegmentsFile {
    let result: AnalysisResult

    var head: String {
        CSVText.line(
            ([
                "id_utente", "segment", "segment_name", "Sesso", "Eta", "Provincia", "TOT_tk_guadagnati",
                "TOT_tk_spesi", "saldo_tk", "comportamenti", "premi",
            ] + result.features.partners.map { $0.name + "_FIDELITY(%)" }).map { .text($0) }
        )
    }

    var count: Int { result.features.count }

    func line(_ user: Int) -> String {
        let table = result.features
        let segment = Int(result.segmentOfUser[user])
        let segments = result.analysis.segmentation?.segments ?? []
        let name = segment > 0 && segment <= segments.count ? segments[segment - 1].name : "No tokens earned yet"
        let fidelity = table.partners.indices.map { partner in
            CSVText.Cell.number(table.fidelity(user, partner: partner).map { Self.plain($0) } ?? "")
        }
        return CSVText.line(
            [
                .text(table.ids[user]),
                .number(String(segment)),
                .text(name),
                .text(table.sexes[user].map { table.sexNames[Int($0)] } ?? ""),
                .number(table.ages[user].map { String($0) } ?? ""),
                .text(table.provinces[user].map { table.provinceNames[Int($0)] } ?? ""),
                .number(Self.plain(hundredths: table.earned[user])),
                .number(Self.plain(hundredths: table.spent[user])),
                .number(Self.plain(hundredths: table.balance(user))),
                .number(String(table.behaviours[user])),
                .number(String(table.prizes[user])),
            ] + fidelity
        )
    }

    /// Two decimals and no grouping, as programs read it.
    static func plain(hundredths: Int64) -> String {
        let (units, rest) = hundredths.magnitude.quotientAndRemainder(dividingBy: 100)
        return (hundredths < 0 ? "-" : "") + "\(units)." + (rest < 10 ? "0\(rest)" : "\(rest)")
    }

    private static func plain(_ percent: Double) -> String {
        plain(hundredths: Int64((percent * 100).rounded()))
    }
}
