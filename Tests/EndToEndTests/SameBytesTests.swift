import Foundation
import PipelineTesting
import SystemPackage
import Testing

/// The same input gives the same bytes in every process: Swift seeds its hash tables anew in each, and nothing of that may
/// show.
@Suite(.timeLimit(.minutes(15))) struct SameBytesTests {
    /// Two processes with seeds of their own, and one whose seed never changes.
    private static let environments: [[String: String?]] = [
        ["SWIFT_DETERMINISTIC_HASHING": nil], ["SWIFT_DETERMINISTIC_HASHING": nil],
        ["SWIFT_DETERMINISTIC_HASHING": "1"],
    ]

    /// More partners, kinds and provinces than are listed, all with ties; each name in two forms of Unicode.
    private func writeZone(_ root: FilePath) throws {
        let names = (0..<40).flatMap { ["caff\u{E8} \($0)", "caffe\u{300} \($0)"] }
        func write(_ path: String, _ lines: [String]) throws {
            let file = URL(fileURLWithPath: root.string + "/HeraSDG/raw_data/" + path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try Data(lines.joined(separator: "\n").utf8).write(to: file)
        }
        for (hour, name) in names.enumerated() {
            try write(
                "utenti/2021/03/24/\(10 + hour % 10)/utenti_\(hour)_0_0.json",
                [
                    #"{"id_utente": "\#(name)", "Sesso": "\#(name)", "Eta": 40, "Provincia": "\#(name)"}"#,
                    "bad \(hour)", "{}",
                ]
            )
            let events = (0..<3).map { index in
                #"{"id_utente": "\#(names[(hour + index) % names.count])", "Partner_erogante": "\#(name)", "#
                    + #""comportamento": "\#(name)", "reward(tk)": \#(index + 1)}"#
            }
            try write(
                "comportamenti/2021/03/24/\(10 + hour % 10)/comportamenti_\(hour)_0_0.json",
                events + [#"{"id_utente": "x"}"#]
            )
        }
    }

    @Test func reportIsTheSameInEveryProcess() async throws {
        try await withTemporaryDirectory { folder in
            try writeZone(folder.appending("storage"))
            var reports: [[String: Data]] = []
            for (index, environment) in Self.environments.enumerated() {
                let out = folder.appending("report\(index)")
                let result = try await runProgram(
                    BuiltPackage.program(),
                    arguments: [
                        "analyze", "--storage", folder.appending("storage").string, "--out", out.string, "--k-max", "5",
                    ],
                    environment: environment
                )
                try #require(result.status == .exited(0), "\(result.errorText)")
                var files = ["text": Data(result.text.replacing(out.string, with: "OUT").utf8)]
                for name in try FileManager.default.contentsOfDirectory(atPath: out.string) {
                    files[name] = try Data(contentsOf: URL(fileURLWithPath: out.appending(name).string))
                }
                #expect(files.count == 5)
                reports.append(files)
            }
            for report in reports.dropFirst() {
                for (name, bytes) in report { #expect(bytes == reports[0][name], "\(name)") }
            }
        }
    }

    @Test func sourceMakesTheSameRecordsInEveryProcess() async throws {
        var outputs: [[UInt8]] = []
        for environment in Self.environments {
            let result = try await runProgram(
                BuiltPackage.program(),
                arguments: ["source", "127.0.0.1:1", "100", "--count", "2000", "--seed", "9", "--dry-run", "--json"],
                environment: environment
            )
            try #require(result.status == .exited(0), "\(result.errorText)")
            outputs.append(Array(result.output))
        }
        #expect(outputs[0].count > 100_000)
        #expect(outputs[1] == outputs[0])
        #expect(outputs[2] == outputs[0])
    }
}
