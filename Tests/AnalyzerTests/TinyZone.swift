import Analysis
import Foundation
import Storage
import SystemPackage

@testable import Analyzer

/// A raw zone of a few files, written by hand for a test.
struct TinyZone {
    let root: FilePath

    var storage: LocalFileSystem { LocalFileSystem(root: root) }

    /// Writes a file below the raw zone.
    func write(_ path: String, _ lines: [String]) throws {
        try write(path, text: lines.map { $0 + "\n" }.joined())
    }

    func write(_ path: String, text: String) throws {
        let file = URL(fileURLWithPath: root.string + "/HeraSDG/raw_data/" + path)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(text.utf8).write(to: file)
    }

    func analyze(_ options: AnalysisOptions = AnalysisOptions()) async throws(AnalysisError)
        -> (analysis: Analysis, features: FeatureTable, segmentOfUser: [Int32])
    {
        try await Analyzer(storage: storage).analyzeTable(options)
    }

    static func user(_ id: String, sex: String = "F", age: Int = 40, province: String = "BO") -> String {
        #"{"id_utente": "\#(id)", "Sesso": "\#(sex)", "Data di Nascita": "1980-01-01", "Eta": \#(age), "#
            + #""Provincia": "\#(province)"}"#
    }

    static func behaviour(_ id: String, _ partner: String, _ reward: String, _ name: String = "x") -> String {
        #"{"id_utente": "\#(id)", "Partner_erogante": "\#(partner)", "comportamento": "\#(name)", "#
            + #""reward(tk)": \#(reward)}"#
    }

    static func prize(_ id: String, _ partner: String, _ price: String, _ name: String = "y") -> String {
        #"{"id_utente": "\#(id)", "Partner_erogante": "\#(partner)", "premio": "\#(name)", "prezzo(tk)": \#(price)}"#
    }

    /// Three users whose numbers are easily added up by hand:
    ///
    /// | user | HERA | CONAD | CAMST | earned | spent |
    /// | --- | --- | --- | --- | --- | --- |
    /// | `CO_2` | – | 2.55 | 2.4 | 4.95 | – |
    /// | `HE_1` | 1.6 + 2.85 + 1.75 | 0.9 | – | 7.10 | 5 at CONAD |
    /// | `_3` | – | – | – | – | – |
    func writeThreeUsers() throws {
        try write(
            "utenti/2021/03/24/11/utenti_0_0000000000_0000000002.json",
            [
                Self.user("HE_1", sex: "F", age: 34), Self.user("CO_2", sex: "M", age: 19, province: "MO"),
                Self.user("_3"),
            ]
        )
        try write(
            "comportamenti/2021/03/24/11/comportamenti_0_0000000000_0000000003.json",
            [
                Self.behaviour("HE_1", "HERA", "1.6", "Autolettura consumo gas"),
                Self.behaviour("HE_1", "HERA", "2.85"),
                Self.behaviour("CO_2", "CONAD", "2.55"), Self.behaviour("HE_1", "CONAD", "0.9"),
            ]
        )
        try write(
            "comportamenti/2021/03/24/12/comportamenti_1_0000000000_0000000001.json",
            [Self.behaviour("CO_2", "CAMST", "2.4"), Self.behaviour("HE_1", "HERA", "1.75")]
        )
        try write(
            "premi/2021/03/24/12/premi_1_0000000000_0000000000.json",
            [Self.prize("HE_1", "CONAD", "5", #"Buono Spesa 5\u20ac Conad"#)]
        )
    }
}
