import Analysis
import Foundation
import PipelineTesting
import SystemPackage
import Testing

@testable import Analyzer

/// What the analyzer does with lines, files and directories that are not as they should be.
@Suite(.timeLimit(.minutes(15))) struct AnalyzerInputTests {
    /// A bad line of a topic, and what is said of it.
    struct Case: Sendable, CustomStringConvertible {
        let topic: String
        let line: String
        let reason: String

        var description: String { reason }
    }

    static let cases = [
        Case(topic: "utenti", line: "[1]", reason: "not a JSON object"),
        Case(topic: "utenti", line: #"{"id_utente": "A""#, reason: "not JSON: "),
        Case(topic: "utenti", line: TinyZone.user("A") + "{}", reason: "not JSON: "),
        Case(topic: "utenti", line: #"{"Sesso": "F", "Eta": 40, "Provincia": "BO"}"#, reason: "id_utente is missing"),
        Case(topic: "utenti", line: #"{"id_utente": null, "Eta": 40}"#, reason: "id_utente is null"),
        Case(topic: "utenti", line: #"{"id_utente": 7, "Eta": 40}"#, reason: "id_utente is not a text"),
        Case(topic: "utenti", line: "{\"id_utente\": \"A\u{0}\"}", reason: "not JSON: "),
        Case(topic: "utenti", line: String(repeating: "[", count: 100_000), reason: "not JSON: "),
        Case(topic: "utenti", line: String(repeating: " ", count: 1 << 20) + "{}", reason: "longer than 1048576 bytes"),
        Case(topic: "utenti", line: TinyZone.user(""), reason: "id_utente is empty"),
        Case(
            topic: "utenti",
            line: TinyZone.user(String(repeating: "A", count: 1025)),
            reason: "id_utente is longer than 1024 bytes"
        ),
        Case(
            topic: "comportamenti",
            line: TinyZone.behaviour("A", "HERA", #""1.6""#),
            reason: "reward(tk) is not a number"
        ),
        Case(
            topic: "comportamenti",
            line: TinyZone.behaviour("A", "HERA", "1.605"),
            reason: "reward(tk) has more than two decimals"
        ),
        Case(
            topic: "premi",
            line: TinyZone.prize("A", "HERA", "-5"),
            reason: "prezzo(tk) is not from 0 to 1000000000 tk"
        ),
        Case(topic: "premi", line: TinyZone.behaviour("A", "HERA", "5"), reason: "prezzo(tk) is missing"),
        Case(topic: "premi", line: "null", reason: "not a JSON object"),
    ]

    @Test(arguments: cases)
    func badLineIsLeftOutAndNamed(_ bad: Case) async throws {
        try await withTemporaryDirectory { root in
            let zone = TinyZone(root: root)
            let path = "\(bad.topic)/2021/03/24/11/\(bad.topic)_0_0_2.json"
            let good = [
                "utenti": TinyZone.user("OK"), "comportamenti": TinyZone.behaviour("OK", "HERA", "1"),
                "premi": TinyZone.prize("OK", "HERA", "1"),
            ]
            try zone.write(path, [good[bad.topic] ?? "", bad.line, good[bad.topic] ?? ""])
            let result = try await zone.analyze()
            #expect(result.features.ids == ["OK"])
            let input = result.analysis.input
            #expect(input.rows == 2)
            #expect(input.badLineCount == 1)
            let named = try #require(input.badLines.first)
            #expect(named.file == path)
            #expect(named.line == 2)
            #expect(named.reason.hasPrefix(bad.reason))
            let causes = input.badLineCauses.map { "\($0.topic.rawValue) \($0.reason) \($0.lines)" }
            #expect(causes == ["\(bad.topic) \(named.reason) 1"])
            #expect(input.unknownFields.isEmpty)
        }
    }

    /// A row with a field that tells nothing, and what is said of it.
    struct UnknownField: Sendable {
        let topic: String
        let line: String
        let field: String
        let reason: String
    }

    /// A field and the other members of its row.
    private static let textFields: [(topic: String, field: String, others: String)] = [
        ("utenti", "Sesso", #""id_utente": "A", "Eta": 40, "Provincia": "BO""#),
        ("utenti", "Provincia", #""id_utente": "A", "Eta": 40, "Sesso": "F""#),
        ("comportamenti", "Partner_erogante", #""id_utente": "A", "comportamento": "x", "reward(tk)": 1"#),
        ("comportamenti", "comportamento", #""id_utente": "A", "Partner_erogante": "P", "reward(tk)": 1"#),
        ("premi", "Partner_erogante", #""id_utente": "A", "premio": "x", "prezzo(tk)": 1"#),
        ("premi", "premio", #""id_utente": "A", "Partner_erogante": "P", "prezzo(tk)": 1"#),
    ]

    private static let uselessTexts: [(value: String, reason: String)] = [
        ("null", "is null"), (#""""#, "is empty"), ("7", "is not a text"), ("[]", "is not a text"),
        ("true", "is not a text"), ("\"\(String(repeating: "x", count: 1025))\"", "is longer than 1024 bytes"),
    ]

    private static let uselessAges: [(value: String, reason: String)] = [
        ("null", "is null"), (#""34""#, "is not a number"), ("34.5", "is not a whole number"),
        ("230", "is not from 0 to 150"), ("-1", "is not from 0 to 150"), ("1e400", "is not from 0 to 150"),
    ]

    static let unknown: [UnknownField] = {
        var cases: [UnknownField] = []
        for (topic, field, others) in textFields {
            cases.append(UnknownField(topic: topic, line: "{\(others)}", field: field, reason: "is missing"))
            for (value, reason) in uselessTexts {
                let line = "{\(others), \"\(field)\": \(value)}"
                cases.append(UnknownField(topic: topic, line: line, field: field, reason: reason))
            }
        }
        for (value, reason) in uselessAges {
            let line = #"{"id_utente": "A", "Sesso": "F", "Eta": \#(value), "Provincia": "BO"}"#
            cases.append(UnknownField(topic: "utenti", line: line, field: "Eta", reason: reason))
        }
        return cases
    }()

    @Test(arguments: unknown.indices)
    func rowCountsWithAFieldThatTellsNothing(_ index: Int) async throws {
        let unknown = Self.unknown[index]
        let (topic, line, field, reason) = (unknown.topic, unknown.line, unknown.field, unknown.reason)
        try await withTemporaryDirectory { root in
            let zone = TinyZone(root: root)
            try zone.write("\(topic)/2021/03/24/11/\(topic)_0_0_0.json", [line])
            let result = try await zone.analyze(AnalysisOptions(kMax: 2))
            let analysis = result.analysis
            #expect(result.features.ids == ["A"], "\(line)")
            #expect(analysis.input.rows == 1)
            #expect(analysis.input.badLineCount == 0)
            let told = analysis.input.unknownFields.map { "\($0.topic.rawValue) \($0.field) \($0.reason) \($0.rows)" }
            #expect(told == ["\(topic) \(field) \(reason) 1"])
            #expect(analysis.input.notices.contains { $0.contains("\(field) \(reason) (1)") })
            switch field {
            case "Sesso": #expect(analysis.sexes == [CategoryCount(name: "(unknown)", users: 1)])
            case "Provincia": #expect(analysis.provinces == [CategoryCount(name: "(unknown)", users: 1)])
            case "Partner_erogante": #expect(analysis.partners.map(\.partner) == ["(unknown)"])
            case "comportamento", "premio": #expect(analysis.kinds.map(\.name) == ["(unknown)"])
            default: #expect(result.features.ages == [nil])
            }
        }
    }

    @Test func wholeAgeCountsHoweverItIsWritten() async throws {
        try await withTemporaryDirectory { root in
            let zone = TinyZone(root: root)
            let lines = ["34", "34.0", "3.4e1"].map { age in
                TinyZone.user("A\(age)").replacing("\"Eta\": 40", with: "\"Eta\": \(age)")
            }
            try zone.write("utenti/2021/03/24/11/utenti_0_0_2.json", lines)
            let result = try await zone.analyze()
            #expect(result.features.ages == [34, 34, 34])
            #expect(result.analysis.input.unknownFields.isEmpty)
        }
    }

    @Test func carriageReturnsBeforeLineFeedsAreNoContent() async throws {
        try await withTemporaryDirectory { root in
            let zone = TinyZone(root: root)
            let text = TinyZone.user("A") + "\r\n\r\n" + TinyZone.user("B") + "\r\n\r"
            try zone.write("utenti/2021/03/24/11/u_0_0_1.json", text: text)
            try zone.write("utenti/2021/03/24/11/u_0_2_2.json", text: "")
            let result = try await zone.analyze()
            #expect(result.features.ids == ["A", "B"])
            #expect(result.analysis.input.badLineCount == 0)
            #expect(result.analysis.input.files == 2)
        }
    }

    @Test func bytesThatAreNoTextAreABadLine() async throws {
        try await withTemporaryDirectory { root in
            let zone = TinyZone(root: root)
            try zone.write("utenti/2021/03/24/11/u_0_0_0.json", [TinyZone.user("A")])
            let path = root.string + "/HeraSDG/raw_data/utenti/2021/03/24/11/u_0_1_1.json"
            try Data([UInt8](TinyZone.user("B\u{E8}").utf8).filter { $0 != 0xC3 }).write(to: URL(fileURLWithPath: path))
            let result = try await zone.analyze()
            #expect(result.features.ids == ["A"])
            #expect(result.analysis.input.badLineCauses.map(\.lines) == [1])
        }
    }

    /// A directory that has a file's name is a directory, and what is in it counts as elsewhere.
    @Test func directoryNamedAsAFileIsWalkedThrough() async throws {
        try await withTemporaryDirectory { root in
            let zone = TinyZone(root: root)
            try zone.write("utenti/2021/03/24/11/u.json/u_0_0_0.json", [TinyZone.user("A")])
            #expect(try await zone.analyze().features.ids == ["A"])
        }
    }

    @Test func badLinesBeyondTheNamedAreCounted() async throws {
        try await withTemporaryDirectory { root in
            let zone = TinyZone(root: root)
            for hour in 10...14 {
                let lines = Array(repeating: "bad", count: 9) + [TinyZone.user("A")]
                try zone.write("utenti/2021/03/24/\(hour)/u_0_0_9.json", lines)
            }
            let input = try await zone.analyze(AnalysisOptions(workers: 3)).analysis.input
            #expect(input.badLineCount == 45)
            #expect(input.badLines.count == Limits.badLinesNamed)
            let expected = (10...12).flatMap { hour in (1...9).map { "\(hour):\($0)" } }.prefix(Limits.badLinesNamed)
            let named = input.badLines.map { line in
                "\(line.file.split(separator: "/")[4]):\(line.line)"
            }
            #expect(named == Array(expected))
        }
    }

    @Test func namesThatSparkSkipsAreSkipped() async throws {
        try await withTemporaryDirectory { root in
            let zone = TinyZone(root: root)
            try zone.write("utenti/2021/03/24/11/utenti_0_0_0.json", [TinyZone.user("A")])
            for name in ["+tmp/x.json", "_x.json", ".x.json", "2021/03/24/11/+x.json", "2021/_y/z.json", "notes.txt"] {
                try zone.write("utenti/" + name, ["bad"])
            }
            let input = try await zone.analyze().analysis.input
            #expect(input.files == 1)
            #expect(input.badLineCount == 0)
        }
    }

    @Test func lastLineMayLackItsLineFeed() async throws {
        try await withTemporaryDirectory { root in
            let zone = TinyZone(root: root)
            try zone.write("utenti/2021/03/24/11/u_0_0_1.json", text: TinyZone.user("A") + "\n\n" + TinyZone.user("B"))
            #expect(try await zone.analyze().features.ids == ["A", "B"])
        }
    }

    @Test func missingRawZoneSaysWhatToDo() async throws {
        await withTemporaryDirectory { root in
            let error = await #expect(throws: AnalysisError.self) { try await TinyZone(root: root).analyze() }
            #expect(error?.code == .rawZoneMissing)
            #expect(error?.message.contains("HeraSDG/raw_data") == true)
            #expect(error?.message.contains("--storage") == true)
        }
    }

    @Test func emptyRawZoneSaysWhatToDo() async throws {
        try await withTemporaryDirectory { root in
            let zone = TinyZone(root: root)
            try zone.write("utenti/+tmp/x.json", [TinyZone.user("A")])
            let empty = await #expect(throws: AnalysisError.self) { try await zone.analyze() }
            #expect(empty?.code == .nothingFiled)
            try zone.write("utenti/2021/03/24/11/u_0_0_0.json", ["bad", "worse"])
            let unreadable = await #expect(throws: AnalysisError.self) { try await zone.analyze() }
            #expect(unreadable?.code == .nothingFiled)
            #expect(unreadable?.message.contains("2 lines") == true)
        }
    }

    @Test func onlyLineMayBeUnreadable() async throws {
        try await withTemporaryDirectory { root in
            let zone = TinyZone(root: root)
            try zone.write("utenti/2021/03/24/11/u_0_0_0.json", ["bad"])
            let error = await #expect(throws: AnalysisError.self) { try await zone.analyze() }
            #expect(error?.message.contains("one line, which is not readable") == true)
        }
    }

    /// A cancelled analysis has read a part, which must not pass for the whole.
    @Test func cancelledAnalysisHasNoResult() async throws {
        try await withTemporaryDirectory { root in
            let zone = TinyZone(root: root)
            try zone.writeThreeUsers()
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await zone.analyze()
            }
            let error = await #expect(throws: AnalysisError.self) { try await task.value }
            #expect(error?.code == .cancelled)
        }
    }

    @Test(arguments: [1, 51])
    func senselessOptionIsRefused(kMax: Int) async throws {
        await withTemporaryDirectory { root in
            let error = await #expect(throws: AnalysisError.self) {
                try await TinyZone(root: root).analyze(AnalysisOptions(kMax: kMax))
            }
            #expect(error?.code == .badOption)
        }
    }

    @Test func topicsDirectoryCannotLeaveTheStorage() async throws {
        await withTemporaryDirectory { root in
            let error = await #expect(throws: AnalysisError.self) {
                try await Analyzer(storage: TinyZone(root: root).storage, topicsDirectory: "../elsewhere").analyze()
            }
            #expect(error?.code == .badOption)
        }
    }
}
