import Analysis
import Analyzer
import Foundation
import PipelineTesting
import PlainText
import Report
import Storage
import SystemPackage
import Testing

/// Names in the data that mean something to a spreadsheet, a browser or a terminal.
@Suite(.timeLimit(.minutes(15))) struct HostileTextTests {
    static let names = [
        "=HYPERLINK(\"http://127.0.0.1/?\"&A1)", "+1", "-2+3", "@SUM(1)", "\t=1", "\r=1", "'=1", "\n=1",
        "\u{1B}[2J\u{1B}]0;x\u{7}", "\u{9B}31m", "\u{202E}txt.exe", "\u{2066}x", "\u{2028}x", "\u{7F}", "\u{0}x",
        "a\u{8}b",
        "<img src=x onerror=alert(1)>", "x\" onmouseover=\"alert(1)", "</title><script>alert(1)</script>",
        "{{{style}}}",
        "]]>", "<!--", "&lt;b&gt;", "a,b", "a;b", "caff\u{E8}", "caffe\u{300}", "(other)",
    ]

    private func analyze(_ root: FilePath) async throws -> AnalysisResult {
        func line(_ fields: [String: Any]) throws -> Data { try JSONSerialization.data(withJSONObject: fields) }
        func write(_ path: String, _ lines: [Data]) throws {
            let file = URL(fileURLWithPath: root.string + "/HeraSDG/raw_data/" + path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try Data(lines.joined(separator: Data("\n".utf8))).write(to: file)
        }
        try write(
            "utenti/2021/03/24/11/utenti_0_0_9.json",
            Self.names.map { try line(["id_utente": $0, "Sesso": $0, "Eta": 30, "Provincia": $0]) }
        )
        try write(
            "comportamenti/2021/03/24/11/comportamenti_0_0_9.json",
            Self.names.map {
                try line(["id_utente": $0, "Partner_erogante": $0, "comportamento": $0, "reward(tk)": 1.6])
            }
        )
        return try await Analyzer(storage: LocalFileSystem(root: root)).analyze(AnalysisOptions(kMax: 4, topUsers: 100))
    }

    private func expectSafe(_ text: String, _ what: String) {
        for line in text.unicodeScalars.split(separator: "\n") {
            let line = String(line)
            #expect(PrintableText.escaping(line) == line, "\(what)")
        }
    }

    @Test func pageAndSummaryShowEveryNameAndObeyNone() async throws {
        try await withTemporaryDirectory { root in
            let result = try await analyze(root)
            #expect(result.analysis.population.users == Self.names.count)
            let page = try Report.html(result.analysis)
            expectSafe(page, "page")
            for markup in ["<img", "<script", "onmouseover=\"alert", "<!--"] { #expect(!page.contains(markup)) }
            #expect(page.contains("{{{style}}}"))
            #expect(page.contains(#"\u{202e}txt.exe"#))
            let summary = ReportSummary(result.analysis, ReportFiles(directory: "out\u{1B}[2J"))
            expectSafe(summary.text, "text")
            #expect(!summary.text.contains("\u{1B}"))
            let json = try summary.json()
            expectSafe(json, "json")
            #expect(try JSONDecoder().decode(ReportSummary.self, from: Data(json.utf8)) == summary)
        }
    }

    @Test func numbersKeepEveryNameAsItIs() async throws {
        try await withTemporaryDirectory { root in
            let result = try await analyze(root)
            let json = try Report.json(result.analysis)
            expectSafe(json, "report.json")
            let decoded = try JSONDecoder().decode(Analysis.self, from: Data(json.utf8))
            #expect(decoded.topUsers.map { Array($0.id.utf8) } == result.analysis.topUsers.map { Array($0.id.utf8) })
            #expect(Set(decoded.topUsers.map { Array($0.id.utf8) }) == Set(Self.names.map { Array($0.utf8) }))
        }
    }

    @Test func noCellBeginsAsAFormula() async throws {
        try await withTemporaryDirectory { root in
            let files = try await analyze(root).csv()
            for text in [files.segments, files.aggregates] {
                let rows = Self.cells(text)
                #expect(rows.count == 1 + Self.names.count)
                #expect(Set(rows.map(\.count)).count == 1, "every row has every column")
                for cell in rows.joined() {
                    #expect(!cell.starts { "=+-@\t\r\n".unicodeScalars.contains($0) }, "\(cell)")
                }
            }
        }
    }

    /// A reader of RFC 4180.
    private static func cells(_ text: String) -> [[String]] {
        var rows: [[String]] = []
        var row: [String] = []
        var cell = ""
        var isQuoted = false
        var scalars = Array(text.unicodeScalars)[...]
        while let scalar = scalars.popFirst() {
            switch scalar {
            case "\"" where isQuoted && scalars.first == "\"":
                cell.unicodeScalars.append("\"")
                scalars.removeFirst()
            case "\"": isQuoted.toggle()
            case "," where !isQuoted:
                row.append(cell)
                cell = ""
            case "\r" where !isQuoted && scalars.first == "\n":
                scalars.removeFirst()
                rows.append(row + [cell])
                row = []
                cell = ""
            default: cell.unicodeScalars.append(scalar)
            }
        }
        return rows
    }
}

extension String {
    fileprivate func starts(_ matches: (Unicode.Scalar) -> Bool) -> Bool {
        unicodeScalars.first.map(matches) ?? false
    }
}
