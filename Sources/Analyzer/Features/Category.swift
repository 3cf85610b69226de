/// What the feature table counts by, and how many different values of each there is room for.
///
/// One value too many ends the analysis. To leave its rows out instead would make the result a matter of chance: which
/// value comes last depends on which worker reads which file.
enum Category: String {
    case users = "id_utente"
    case partners = "Partner_erogante"
    case kinds = "comportamento and premio"
    case sexes = "Sesso"
    case provinces = "Provincia"

    /// Most different values.
    var countMax: Int {
        switch self {
        case .users: Limits.usersMax
        case .partners: Limits.partnersMax
        case .kinds, .sexes, .provinces: Limits.categoriesMax
        }
    }

    /// Throws where `table`, which holds the values seen, has one too many.
    func check(_ table: StringTable) throws(AnalyzerError) {
        if table.count > countMax { throw .tooManyValues(of: rawValue, max: countMax) }
    }
}
