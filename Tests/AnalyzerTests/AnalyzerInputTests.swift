import Analyzer
import Foundation
import PipelineTesting
import Testing

/// What the analyzer does with lines, files and directories that are not as they should be.
@Suite(.timeLimit(.minutes(5))) struct AnalyzerInputTests {
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
        Case(topic: "utenti", line: #"{"id_utente": "A", "Sesso": "F", "Provincia": "BO"}"#, reason: "Eta is missing"),
        Case(topic: "utenti", line: TinyZone.user("A", age: 151), reason: "Eta is not from 0 to 150"),
        Case(topic: "utenti", line: TinyZone.user("A", age: -1), reason: "Eta is not from 0 to 150"),
        Case(topic: "utenti", line: TinyZone.user(""), reason: "id_utente is empty"),
        Case(
            topic: "utenti",
            line: TinyZone.user(String(repeating: "A", count: 1025)),
            reason: "id_utente is longer than 1024 bytes"
        ),
        Case(
            topic: "comportamenti",
            line: TinyZone.behaviour("A", "HERA", #""1.6""#),
            reason: "reward(tk) is not a number of at most two decimals"
        ),
        Case(
            topic: "comportamenti",
            line: TinyZone.behaviour("A", "HERA", "1.605"),
            reason: "reward(tk) is not a number of at most two decimals"
        ),
        Case(
            topic: "premi",
            line: TinyZone.prize("A", "HERA", "-5"),
            reason: "prezzo(tk) is not from 0 to 1000000000 tk"
        ),
        Case(topic: "premi", line: TinyZone.behaviour("A", "HERA", "5"), reason: "premio is missing"),
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
            let error = await #expect(throws: AnalyzerError.self) { try await TinyZone(root: root).analyze() }
            #expect(error?.code == .rawZoneMissing)
            #expect(error?.message.contains("HeraSDG/raw_data") == true)
            #expect(error?.message.contains("--storage") == true)
        }
    }

    @Test func emptyRawZoneSaysWhatToDo() async throws {
        try await withTemporaryDirectory { root in
            let zone = TinyZone(root: root)
            try zone.write("utenti/+tmp/x.json", [TinyZone.user("A")])
            let empty = await #expect(throws: AnalyzerError.self) { try await zone.analyze() }
            #expect(empty?.code == .nothingFiled)
            try zone.write("utenti/2021/03/24/11/u_0_0_0.json", ["bad", "worse"])
            let unreadable = await #expect(throws: AnalyzerError.self) { try await zone.analyze() }
            #expect(unreadable?.code == .nothingFiled)
            #expect(unreadable?.message.contains("2 lines") == true)
        }
    }

    @Test func onlyLineMayBeUnreadable() async throws {
        try await withTemporaryDirectory { root in
            let zone = TinyZone(root: root)
            try zone.write("utenti/2021/03/24/11/u_0_0_0.json", ["bad"])
            let error = await #expect(throws: AnalyzerError.self) { try await zone.analyze() }
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
            let error = await #expect(throws: AnalyzerError.self) { try await task.value }
            #expect(error?.code == .cancelled)
        }
    }

    @Test(arguments: [1, 51])
    func senselessOptionIsRefused(kMax: Int) async throws {
        await withTemporaryDirectory { root in
            let error = await #expect(throws: AnalyzerError.self) {
                try await TinyZone(root: root).analyze(AnalysisOptions(kMax: kMax))
            }
            #expect(error?.code == .badOption)
        }
    }

    @Test func topicsDirectoryCannotLeaveTheStorage() async throws {
        await withTemporaryDirectory { root in
            let error = await #expect(throws: AnalyzerError.self) {
                try await Analyzer.analyze(storage: TinyZone(root: root).storage, topicsDirectory: "../elsewhere")
            }
            #expect(error?.code == .badOption)
        }
    }
}
