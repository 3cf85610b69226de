import Foundation
import PipelineTesting
import SystemPackage
import Testing

/// What the pages tell a reader to type works as it stands there.
@Suite(.timeLimit(.minutes(20))) struct DocumentedExamplesTests {
    /// The fenced blocks of a page in `language`.
    private func blocks(_ language: String, of page: String) throws -> [String] {
        let text = try String(contentsOfFile: BuiltPackage.root().appending(page).string, encoding: .utf8)
        return text.matches(of: /```([a-z]+)\n((?s:.*?))\n```/).filter { $0.1 == language }.map { String($0.2) }
    }

    @Test func duckDBReadsTheZoneAsTheFilesPageSays() async throws {
        let queries = try blocks("sql", of: "docs/FILES.md")
        #expect(queries.count == 2)
        try await withTemporaryDirectory { folder in
            let demo = try await runProgram(
                BuiltPackage.program(),
                arguments: ["demo", "--users", "300", "--events", "3000", "--json"],
                workingDirectory: folder
            )
            try #require(demo.status == .exited(0), "\(demo.errorText)")
            let script =
                "import duckdb, json, sys\nprint(json.dumps([list(map(str, row)) for row in "
                + "duckdb.sql(sys.argv[1]).fetchall()]))"
            var tables: [[[String]]] = []
            for query in queries {
                let result = try await runProgram(
                    BuiltPackage.python(),
                    arguments: ["-c", script, query],
                    workingDirectory: folder
                )
                try #require(result.status == .exited(0), "\(result.errorText)")
                tables.append(try JSONDecoder().decode([[String]].self, from: Data(result.output)))
            }
            #expect(tables[0].map { $0[0] } == ["CAMST", "CONAD", "HERA"])
            let report = try Data(
                contentsOf: URL(fileURLWithPath: folder.appending("hera-data/report/report.json").string)
            )
            struct Numbers: Decodable {
                struct Population: Decodable {
                    struct Totals: Decodable {
                        let count: Int
                        let amount: Decimal
                    }
                    let users: Int
                    let behaviours: Totals
                }
                let population: Population
            }
            let population = try JSONDecoder().decode(Numbers.self, from: report).population
            #expect(tables[0].compactMap { Int($0[1]) }.reduce(0, +) == population.behaviours.count)
            let tokens = tables[0].compactMap { Decimal(string: $0[2]) }.reduce(0, +)
            #expect(tokens == population.behaviours.amount)
            #expect(tables[1].compactMap { Int($0[1]) }.reduce(0, +) == population.users)
        }
    }

    @Test func eventsOfTheReadmeArrive() async throws {
        let shell = try #require(try blocks("sh", of: "README.md").first { $0.contains("kcat -b") })
        let kcat = shell.split(separator: "\n").drop { !$0.hasPrefix("echo") }.joined(separator: "\n")
        let python = try #require(try blocks("python", of: "README.md").first)
        try await withIngestor { bootstrap, _ in
            let sent = try await runProgram(
                "/bin/bash",
                arguments: ["-c", kcat.replacing("127.0.0.1:9092", with: bootstrap)]
            )
            try #require(sent.status == .exited(0), "\(sent.errorText)")
            let second = try await runProgram(
                BuiltPackage.python(),
                arguments: ["-c", python.replacing("127.0.0.1:9092", with: bootstrap)]
            )
            try #require(second.status == .exited(0), "\(second.errorText)")
            let tail = try await Zone.hera(
                "topics",
                "tail",
                "comportamenti",
                "--bootstrap",
                bootstrap,
                "--from-beginning",
                "--count",
                "2",
                "--key"
            )
            let lines = tail.text.split(separator: "\n")
            #expect(lines.count == 2)
            #expect(lines.allSatisfy { $0.hasPrefix("HE_100000\t{\"id_utente\": \"HE_100000\"") }, "\(tail.text)")
        }
    }
}
