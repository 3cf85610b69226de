import Foundation
import PipelineTesting
import SystemPackage
import Testing

/// The pipeline of this machine with its files in a real HDFS.
@Suite(.timeLimit(.minutes(20))) struct HDFSStorageTests {
    static let users = 2_000
    static let records = 60_000
    static let kills = 4

    private func audit(_ data: FilePath, _ url: String) async throws -> ProgramResult {
        try await Zone.hera("audit", "--data", data.string, "--storage", url, "--json")
    }

    /// What the audit says, as far as it is looked at here.
    private struct Audited: Decodable {
        struct Partition: Decodable {
            let inFlight: Int64
            let filed: Int64
            let filtered: Int64
        }
        let holds: Bool
        let partitions: [Partition]
    }

    private func read(_ result: ProgramResult) throws -> Audited {
        try JSONDecoder().decode(Audited.self, from: Data(result.output))
    }

    private func untilAllIsFiled(by process: ProgramProcess, _ data: FilePath, _ url: String) async throws {
        for await line in process.errorOutput where line.contains("filed ") || line.contains("Kafka clients connect") {
            if try await read(audit(data, url)).partitions.allSatisfy({ $0.inFlight == 0 }) { return }
        }
        Issue.record("the pipeline ended before all was filed: \(process.errorOutput.soFar.suffix(20))")
    }

    /// The sink is killed after some of its commits; every record is filed once, without an operator.
    @Test(arguments: Seeds.chosen([20_261_130]))
    func everyRecordIsFiledOnceThroughCrashes(seed: UInt64) async throws {
        let url = try await HDFSCluster.shared().newDirectory()
        let environment = ["HERA_SINK_FLUSH_SIZE": "1000", "HERA_STORAGE_URL": url]
        try await withSeed(seed) { generator in
            try await withTemporaryDirectory { data in
                let zone = Zone(data: data)
                try await fill(data)
                for _ in 1...Self.kills {
                    let commits = Int.random(in: 1...6, using: &generator)
                    let arguments = ["up", "--no-source", "--data", data.string, "--listen", "127.0.0.1:0"]
                    try await withProcess(BuiltPackage.program(), arguments: arguments, environment: environment) {
                        process in
                        var seen = 0
                        for await line in process.errorOutput where line.contains("filed ") {
                            seen += 1
                            if seen == commits { break }
                        }
                        process.kill(SIGKILL)
                        _ = try await process.waitForExit()
                    }
                }
                let status = try await zone.whileUp(environment) { process, _ in
                    try await untilAllIsFiled(by: process, data, url)
                }.status
                #expect(status == .exited(0))
                let result = try await audit(data, url)
                #expect(result.status == .exited(0), "\(result.text)\(result.errorText)")
                let audited = try read(result)
                #expect(audited.holds)
                #expect(audited.partitions.reduce(0) { $0 + $1.filed + $1.filtered } == Int64(Self.records))
                #expect(zone.files.isEmpty, "nothing is filed on this machine")
                try await expectTheSameAnalysis(of: url, below: data)
            }
        }
    }

    /// Files in an HDFS are analyzed as they would be in a directory.
    private func expectTheSameAnalysis(of url: String, below data: FilePath) async throws {
        let out = data.appending("report-of-hdfs")
        let result = try await Zone.hera("analyze", "--storage", url, "--out", out.string, "--k-max", "3", "--json")
        #expect(result.status == .exited(0), "\(result.errorText)")
        struct Summary: Decodable {
            let users: Int
            let behaviours: Int
            let prizes: Int
        }
        let summary = try JSONDecoder().decode(Summary.self, from: Data(result.output))
        #expect(summary.users >= Self.users)
        #expect(summary.behaviours > 5 * Self.users && summary.prizes > Self.users)
    }

    private func fill(_ data: FilePath) async throws {
        let arguments = ["ingestor", "--data", data.string, "--listen", "127.0.0.1:0"]
        try await withProcess(BuiltPackage.program(), arguments: arguments) { ingestor in
            let address = try await ingestor.waitForLine("ready kafka=").dropFirst("ready kafka=".count)
            let source = try await Zone.hera(
                "source",
                String(address),
                "\(Self.users)",
                "--count",
                "\(Self.records - 6 * Self.users)",
                "--quiet",
                "--truth",
                data.appending("truth").string
            )
            try #require(source.status.isSuccess, "\(source.errorText)")
            ingestor.kill(SIGTERM)
            #expect(try await ingestor.waitForExit() == .exited(0))
        }
    }

    @Test func aDemoBeginsWithAnEmptyStorage() async throws {
        let url = try await HDFSCluster.shared().newDirectory()
        try await withTemporaryDirectory { folder in
            let demo = { () async throws -> ProgramResult in
                try await Zone.hera(
                    "demo",
                    "--data",
                    folder.appending("demo").string,
                    "--storage",
                    url,
                    "--users",
                    "200",
                    "--events",
                    "2000",
                    "--seed",
                    "7"
                )
            }
            let first = try await demo()
            #expect(first.status == .exited(0), "\(first.text)\(first.errorText)")
            #expect(first.text.contains("  audited"))
            // The events are about persons: files are private, as they are on a disk.
            let listing = try await runProgram(
                BuiltPackage.systemProgram("curl"),
                arguments: [
                    "-sS",
                    url.replacing("webhdfs://", with: "http://").replacing("/test/", with: "/webhdfs/v1/test/")
                        + "/HeraSDG/raw_data?op=GETFILESTATUS&user.name=\(NSUserName())",
                ]
            )
            #expect(listing.text.contains(#""permission":"700""#), "\(listing.text)")
            let second = try await demo()
            #expect(second.status == .exited(1), "\(second.text)")
            #expect(second.errorText.contains("is not empty"), "\(second.errorText)")
        }
    }

    @Test func aStorageThatIsNotThereIsNamed() async throws {
        try await withRefusedAddress { address in
            try await withTemporaryDirectory { folder in
                let result = try await runProgram(
                    BuiltPackage.program(),
                    arguments: ["analyze", "--storage", "webhdfs://\(address)/x", "--out", folder.string],
                    environment: ["HERA_STORAGE_RETRY_MILLISECONDS": "100"]
                )
                #expect(result.status == .exited(1))
                #expect(result.errorText.contains("no connection to \(address)"), "\(result.errorText)")
            }
        }
    }
}
