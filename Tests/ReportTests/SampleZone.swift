import Analysis
import Analyzer
import Foundation
import Report
import Storage
import SystemPackage

/// A raw zone with names that try to break out of a page, a bad line and a user without record.
enum SampleZone {
    static let nasty = #"<script>alert("1")</script> & 'co'"#

    static func analyze(_ root: FilePath) async throws -> AnalysisResult {
        try write(root, "utenti/2021/03/24/11/utenti_0_0_2.json", (1...8).map(user) + ["<bad & line>"])
        try write(
            root,
            "comportamenti/2021/03/24/11/comportamenti_0_0_9.json",
            (1...8).flatMap { number in
                (0..<number).map {
                    event("comportamento", "reward(tk)", number, $0 % 3 == 0 ? "CONAD" : "HERA", "2.85")
                }
            }
        )
        try write(
            root,
            "comportamenti/2021/03/25/01/comportamenti_0_10_11.json",
            [
                event("comportamento", "reward(tk)", 9, "HERA", "1.6"),
                event("comportamento", "reward(tk)", 9, nasty, "1.75"),
            ]
        )
        try write(root, "premi/2021/03/25/01/premi_0_0_0.json", [event("premio", "prezzo(tk)", 8, "CAMST", "5")])
        return try await Analyzer(storage: LocalFileSystem(root: root)).analyze(AnalysisOptions(seed: 7, kMax: 5))
    }

    /// One event in a directory that names no time.
    static func writeWithoutTime(_ root: FilePath) throws {
        try write(root, "premi/other/premi_0_1_1.json", [event("premio", "prezzo(tk)", 8, "CAMST", "5")])
    }

    private static func write(_ root: FilePath, _ path: String, _ lines: [String]) throws {
        let file = URL(fileURLWithPath: root.string + "/HeraSDG/raw_data/" + path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(lines.map { $0 + "\n" }.joined().utf8).write(to: file)
    }

    private static func user(_ number: Int) -> String {
        let province = number % 2 == 0 ? "BO" : quoted(nasty)
        return #"{"id_utente": "HE_\#(number)", "Sesso": "F", "Eta": \#(20 + 3 * number), "Provincia": "\#(province)"}"#
    }

    private static func event(_ kind: String, _ amount: String, _ user: Int, _ partner: String, _ tokens: String)
        -> String
    {
        #"{"id_utente": "HE_\#(user)", "Partner_erogante": "\#(quoted(partner))", "\#(kind)": "Buono 5\u20ac, \#(partner == nasty ? "\\\"" : "x")", "\#(amount)": \#(tokens)}"#
    }

    private static func quoted(_ text: String) -> String {
        text.replacing("\"", with: "\\\"")
    }
}

extension AnalysisResult {
    /// The files of all users.
    func csv() async throws -> (segments: String, aggregates: String) {
        let (segments, aggregates) = (SegmentsFile(analysis), AggregatesFile(analysis))
        return try await users.reduce(into: (segments.head, aggregates.head)) { texts, user in
            texts.0 += segments.line(user)
            texts.1 += aggregates.lines(user)
        }
    }
}
