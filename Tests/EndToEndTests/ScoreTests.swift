import Foundation
import PipelineTesting
import SystemPackage
import Testing

/// `hera score` on what a demo made.
@Suite(.timeLimit(.minutes(20))) struct ScoreTests {
    private struct Score: Decodable {
        struct Records: Decodable {
            let acknowledged: Int
            let percent: Double
            let lost: Int
            let doubled: Int
            let partitionsDiffering: Int
        }
        struct Personas: Decodable {
            let randIndex: Double?
        }
        let holds: Bool
        let total: Records
        let personas: Personas?
    }

    private func score(_ zone: Zone, _ arguments: String...) async throws -> ProgramResult {
        try await runProgram(BuiltPackage.program(), arguments: ["score", "--data", zone.data.string] + arguments)
    }

    private func whileDemonstrated(_ arguments: String..., body: (Zone) async throws -> Void) async throws {
        try await withTemporaryDirectory { folder in
            let data = folder.appending("demo")
            let demo = try await runProgram(
                BuiltPackage.program(),
                arguments: ["demo", "--data", data.string, "--users", "300", "--events", "3000"] + arguments
            )
            try #require(demo.status == .exited(0), "\(demo.text)\(demo.errorText)")
            try await body(Zone(data: data))
        }
    }

    @Test func aDemoIsRightAndAMissingLineIsFound() async throws {
        try await whileDemonstrated { zone in
            let right = try await score(zone, "--json")
            #expect(right.status == .exited(0), "\(right.text)\(right.errorText)")
            let numbers = try JSONDecoder().decode(Score.self, from: Data(right.output))
            #expect(numbers.holds && numbers.total.percent == 100 && numbers.total.acknowledged >= 4_800)
            #expect(numbers.personas == nil)
            let strict = try await score(zone, "--min-rand", "0.1")
            #expect(strict.status == .exited(1) && strict.text.contains("there is no adjusted Rand index"))

            let name = try #require(zone.files.first { $0.hasPrefix("comportamenti/") })
            let path = zone.data.appending("storage/HeraSDG/raw_data").appending(name).string
            let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").dropLast()
            try lines.map { $0 + "\n" }.joined().write(toFile: path, atomically: true, encoding: .utf8)
            let wrong = try await score(zone)
            #expect(wrong.status == .exited(1) && wrong.text.contains("1 record is lost"), "\(wrong.text)")
            let allowed = try await score(zone, "--max-lost", "1", "--max-differing", "10", "--quiet")
            #expect(allowed.status == .exited(0) && allowed.text.isEmpty)
        }
    }

    @Test func personasAndBadRecordsAreFoundAgain() async throws {
        try await whileDemonstrated("--personas", "--dirty", "realistic") { zone in
            let right = try await score(zone, "--json")
            #expect(right.status == .exited(0), "\(right.text)\(right.errorText)")
            let numbers = try JSONDecoder().decode(Score.self, from: Data(right.output))
            #expect(numbers.holds && numbers.total.percent == 100)
            #expect(numbers.personas?.randIndex != nil)
        }
    }

    @Test(arguments: [
        (["--max-lost", "-1"], "--max-lost is -1"),
        (["--min-rand", "2"], "--min-rand is 2"),
        (["--min-rand", "nan"], "--min-rand is nan"),
        (["--truth", "/tmp"], "--truth goes with --bootstrap"),
    ])
    func wrongWordsAreRefused(arguments: [String], reason: String) async throws {
        let result = try await runProgram(BuiltPackage.program(), arguments: ["score"] + arguments)
        #expect(result.status == .exited(64) && result.errorText.contains(reason), "\(result.errorText)")
    }
}
