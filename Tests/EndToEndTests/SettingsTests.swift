import Foundation
import PipelineTesting
import SystemPackage
import Testing

/// Every command goes by the settings, and refuses values that none can have.
@Suite(.timeLimit(.minutes(20))) struct SettingsTests {
    private static let environment: [String: String?] = [
        "HERA_SINK_TOPICS_DIR": "zone/raw", "HERA_ANALYZER_SEED": "7", "HERA_ANALYZER_SEGMENTS_MAX": "3",
    ]

    /// What the report's JSON says, as far as it is looked at here.
    private struct ReportNumbers: Decodable {
        struct Input: Decodable {
            let topicsDirectory: String
        }
        struct Segmentation: Decodable {
            struct Cost: Decodable {
                let k: Int
            }
            let costs: [Cost]
        }
        let seed: UInt64
        let input: Input
        let segmentation: Segmentation?
    }

    private func numbers(in report: FilePath) throws -> ReportNumbers {
        let json = try Data(contentsOf: URL(fileURLWithPath: report.appending("report.json").string))
        return try JSONDecoder().decode(ReportNumbers.self, from: json)
    }

    /// A raw zone below `root` with some users who differ.
    private func writeZone(_ root: FilePath) throws {
        let folder = root.appending("comportamenti/2021/03/24/11").string
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let lines = (1...20).map { user in
            #"{"id_utente": "HE_\#(user)", "Partner_erogante": "\#(user % 2 == 0 ? "HERA" : "CONAD")", "#
                + #""comportamento": "x", "reward(tk)": \#(user)}"# + "\n"
        }
        try lines.joined().write(
            toFile: folder + "/comportamenti_0_0000000000_0000000019.json",
            atomically: true,
            encoding: .utf8
        )
    }

    private func analyze(in folder: FilePath, _ arguments: [String]) async throws -> ProgramResult {
        try await runProgram(
            BuiltPackage.program(),
            arguments: ["analyze"] + arguments,
            environment: Self.environment,
            workingDirectory: folder
        )
    }

    @Test func settingsSayWhatIsAnalysedAndHow() async throws {
        try await withTemporaryDirectory { folder in
            try writeZone(folder.appending("hera-data/storage/zone/raw"))
            let result = try await analyze(in: folder, [])
            try #require(result.status == .exited(0), "\(result.errorText)")
            let report = try numbers(in: folder.appending("hera-data/report"))
            #expect(report.seed == 7)
            #expect(report.input.topicsDirectory == "zone/raw")
            #expect(report.segmentation?.costs.map(\.k) == [2, 3])
        }
    }

    @Test func flagsGoBeforeSettings() async throws {
        try await withTemporaryDirectory { folder in
            try writeZone(folder.appending("files/elsewhere"))
            let result = try await analyze(
                in: folder,
                ["--storage", "files", "--topics-dir", "elsewhere", "--seed", "8", "--k-max", "4", "--out", "out"]
            )
            try #require(result.status == .exited(0), "\(result.errorText)")
            let report = try numbers(in: folder.appending("out"))
            #expect(report.seed == 8)
            #expect(report.input.topicsDirectory == "elsewhere")
            #expect(report.segmentation?.costs.map(\.k) == [2, 3, 4])
        }
    }

    @Test func demoGoesBySettings() async throws {
        try await withTemporaryDirectory { folder in
            let result = try await runProgram(
                BuiltPackage.program(),
                arguments: ["demo", "--users", "50", "--events", "200", "--quiet"],
                environment: Self.environment,
                workingDirectory: folder
            )
            try #require(result.status == .exited(0), "\(result.errorText)")
            let report = try numbers(in: folder.appending("hera-data/report"))
            #expect(report.seed == 7)
            #expect(report.input.topicsDirectory == "zone/raw")
            #expect(report.segmentation?.costs.map(\.k) == [2, 3])
        }
    }

    /// An empty path would be the current directory, or the root of the machine.
    @Test(arguments: [
        "up --data =", "demo --data =", "ingestor --data =", "audit --data =", "analyze --data =",
        "analyze --storage = --out x", "analyze --storage x --out =", "analyze --topics-dir =",
        "audit --bootstrap h:1 --storage =", "audit --bootstrap h:1 --storage . --truth =", "source h:1 1 --truth =",
    ])
    func emptyPathIsWrongUsage(command: String) async throws {
        let arguments = command.split(separator: " ").map { $0 == "=" ? "" : String($0) }
        let result = try await runProgram(BuiltPackage.program(), arguments: arguments)
        #expect(result.status == .exited(64), "\(result.errorText)")
        #expect(result.errorText.contains("is empty"), "\(result.errorText)")
    }

    @Test(arguments: [
        ("up", ["HERA_DATA": ""], "HERA_DATA: the setting 'data' is empty"),
        ("ingestor", ["HERA_SINK_TIMEZONE": "Mars"], "HERA_SINK_TIMEZONE: the setting 'sink.timezone'"),
        ("demo", ["HERA_SINK_NAME": "a/b"], "HERA_SINK_NAME: the setting 'sink.name'"),
        ("analyze", ["HERA_SINK_TOPICS_DIR": ".."], "HERA_SINK_TOPICS_DIR: the setting 'sink.topics-dir'"),
        ("audit", ["HERA_SINK_PATH_FORMAT": "Q"], "HERA_SINK_PATH_FORMAT: the setting 'sink.path-format'"),
        ("topics list", ["HERA_INGESTOR_LISTEN": "x"], "HERA_INGESTOR_LISTEN: the setting 'ingestor.listen'"),
        ("source h:1 1", ["HERA_CLIENT_SECURITY_PROTOCOL": "x"], "HERA_CLIENT_SECURITY_PROTOCOL: the setting"),
    ])
    func wrongSettingIsRefusedBeforeAnythingIsDone(
        command: String,
        environment: [String: String],
        says words: String
    ) async throws {
        try await withTemporaryDirectory { folder in
            let result = try await runProgram(
                BuiltPackage.program(),
                arguments: command.split(separator: " ").map(String.init),
                environment: environment,
                workingDirectory: folder
            )
            #expect(result.status == .exited(1), "\(result.errorText)")
            #expect(result.errorText.contains(words), "\(result.errorText)")
            #expect(result.text.isEmpty)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.string) == [])
        }
    }

    @Test(arguments: [
        ("up --rate 200000000", "from 1 to 10000000"), ("up --rate -5", "from 1 to 10000000"),
        ("ingestor --partitions 1001", "from 1 to 1000"), ("ingestor --partitions -1", "from 1 to 1000"),
        ("ingestor --flush-interval 0", "from 1 to 3600000"), ("ingestor --flush-interval -1", "from 1 to 3600000"),
        ("ingestor --retention -1", "from 1"), ("analyze --k-max 51", "from 2 to 50"),
        ("analyze --k-max -1", "from 2 to 50"), ("analyze --storage x", "--out DIR"),
        ("demo --users -1", "from 1 to 10000000"), ("demo --events -1", "from 0 to 1000000000"),
        ("demo --seed -1", "from 0"), ("ingestor --flush never", "one of os, interval, always"),
        ("ingestor --advertise h", "it has to be HOST:PORT"),
        ("up --advertise h:0", "clients cannot be told to use h:0"),
        ("up --listen a://h:1,a://h:2", "two listeners have the name 'a'"),
        ("up --listen nowhere", "--listen is 'nowhere'; it has to be HOST:PORT"),
        ("topics list --bootstrap nowhere", "--bootstrap is 'nowhere'; it has to be HOST:PORT"),
        ("source nowhere 5", "it has to be HOST:PORT"), ("topics list -X nothing", "-X wants NAME=VALUE"),
        ("topics create x --partitions -1 --bootstrap h:1", "1 or more"),
        ("topics tail x --count -1 --bootstrap h:1", "1 or more"),
    ])
    func valueOutOfItsRangeIsWrongUsage(command: String, says range: String) async throws {
        let arguments = command.split(separator: " ").map(String.init)
        let result = try await runProgram(BuiltPackage.program(), arguments: arguments)
        #expect(result.status == .exited(64), "\(result.errorText)")
        #expect(result.errorText.contains(range), "\(result.errorText)")
    }
}
