import Analyzer

/// `segments.csv`: one line a user, sorted by id. Amounts are in tk; what is unknown is empty.
///
/// `id_utente, segment, segment_name, Sesso, Eta, Provincia, TOT_tk_guadagnati, TOT_tk_spesi, saldo_tk, comportamenti,
/// premi, <PARTNER>_FIDELITY(%)…`. Segment 0 are users who earned nothing yet.
struct SegmentsFile {
    let result: AnalysisResult

    var head: String {
        CSVText.line(
            [
                "id_utente", "segment", "segment_name", "Sesso", "Eta", "Provincia", "TOT_tk_guadagnati",
                "TOT_tk_spesi", "saldo_tk", "comportamenti", "premi",
            ] + result.features.partners.map { $0.name + "_FIDELITY(%)" }
        )
    }

    var count: Int { result.features.count }

    func line(_ user: Int) -> String {
        let table = result.features
        let segment = Int(result.segmentOfUser[user])
        let segments = result.analysis.segmentation?.segments ?? []
        let name = segment > 0 && segment <= segments.count ? segments[segment - 1].name : "No tokens earned yet"
        let fidelity = table.partners.indices.map { partner in
            table.fidelity(user, partner: partner).map { Self.plain($0) } ?? ""
        }
        return CSVText.line(
            [
                table.ids[user],
                String(segment),
                name,
                table.sexes[user].map { table.sexNames[Int($0)] } ?? "",
                table.ages[user].map { String($0) } ?? "",
                table.provinces[user].map { table.provinceNames[Int($0)] } ?? "",
                Self.plain(hundredths: table.earned[user]),
                Self.plain(hundredths: table.spent[user]),
                Self.plain(hundredths: table.balance(user)),
                String(table.behaviours[user]),
                String(table.prizes[user]),
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
