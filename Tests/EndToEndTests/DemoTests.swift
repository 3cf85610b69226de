import Foundation
import PipelineTesting
import SystemPackage
import Testing

/// `hera demo`: the whole pipeline once, small.
@Suite(.timeLimit(.minutes(20))) struct DemoTests {
    private func demo(_ data: FilePath) async throws -> ProgramResult {
        try await Zone.hera("demo", "--data", data.string, "--users", "300", "--events", "3000", "--seed", "7")
    }

    /// What the report's JSON says, as far as it is looked at here.
    private struct ReportNumbers: Decodable {
        struct Population: Decodable {
            let users: Int
        }
        let population: Population
    }

    @Test func demoLeadsFromSourceToReport() async throws {
        try await withTemporaryDirectory { folder in
            let data = folder.appending("demo")
            let result = try await demo(data)
            try #require(result.status == .exited(0), "\(result.text)\(result.errorText)")
            for stage in ["generated", "filed", "audited", "analyzed", "reported"] {
                #expect(result.text.contains("  \(stage)"), "\(result.text)")
            }
            let report = data.appending("report/report.html").string
            #expect(result.text.contains("Open the report: \(report)"))
            #expect(try String(contentsOfFile: report, encoding: .utf8).contains("</html>"))

            let json = try Data(contentsOf: URL(fileURLWithPath: data.appending("report/report.json").string))
            let numbers = try JSONDecoder().decode(ReportNumbers.self, from: json)
            let zone = Zone(data: data)
            #expect(numbers.population.users == (try zone.lines(of: "utenti").count))
            let segments = try String(contentsOfFile: data.appending("report/segments.csv").string, encoding: .utf8)
            #expect(segments.split(whereSeparator: \.isNewline).count == numbers.population.users + 1)
            #expect(zone.files.allSatisfy { !$0.contains("+tmp") }, "no temporary file: \(zone.files)")
        }
    }

    @Test func demoBeginsAnewInItsOwnDirectory() async throws {
        try await withTemporaryDirectory { folder in
            let data = folder.appending("demo")
            let first = try await demo(data)
            #expect(first.status == .exited(0), "\(first.errorText)")
            let lines = try Zone(data: data).lines(of: "comportamenti")
            let second = try await demo(data)
            #expect(second.status == .exited(0), "\(second.errorText)")
            #expect(
                try Set(Zone(data: data).lines(of: "comportamenti")) == Set(lines),
                "the same seed, the same events"
            )
        }
    }

    @Test func demoLeavesAForeignDirectoryAlone() async throws {
        try await withTemporaryDirectory { folder in
            let treasure = folder.appending("treasure.txt").string
            try "gold".write(toFile: treasure, atomically: true, encoding: .utf8)
            let result = try await demo(folder)
            #expect(result.status == .exited(1))
            #expect(result.errorText.contains(folder.string))
            #expect(try String(contentsOfFile: treasure, encoding: .utf8) == "gold")
        }
    }
}
