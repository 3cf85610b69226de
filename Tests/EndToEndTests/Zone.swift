import Foundation
import PipelineTesting
import SystemPackage
import Testing

/// The raw zone and the program of an end-to-end test.
struct Zone {
    /// The pipeline's directory.
    let data: FilePath

    /// The directory of a topic's files.
    func directory(of topic: String) -> FilePath {
        data.appending("storage/HeraSDG/raw_data").appending(topic)
    }

    /// Every file of the raw zone, visible or not, by its path from the zone's root.
    var files: [String] {
        let root = data.appending("storage/HeraSDG/raw_data").string
        guard let walk = FileManager.default.enumerator(atPath: root) else { return [] }
        var found: [String] = []
        while let path = walk.nextObject() as? String {
            var isDirectory: ObjCBool = false
            if FileManager.default.fileExists(atPath: root + "/" + path, isDirectory: &isDirectory),
                !isDirectory.boolValue
            {
                found.append(path)
            }
        }
        return found.sorted()
    }

    /// The lines of all visible files of a topic.
    func lines(of topic: String) throws -> [Substring] {
        let root = data.appending("storage/HeraSDG/raw_data").string
        return try files.filter { $0.hasPrefix(topic + "/") }.flatMap { path in
            try String(contentsOfFile: root + "/" + path, encoding: .utf8).split(separator: "\n")
        }
    }

    /// How many lines the visible files of each partition have, by `TOPIC-PARTITION`.
    func linesByPartition() throws -> [String: Int] {
        let root = data.appending("storage/HeraSDG/raw_data").string
        var lines: [String: Int] = [:]
        for path in files {
            let name = try Self.name(of: path)
            let content = try Data(contentsOf: URL(fileURLWithPath: root + "/" + path))
            lines[name.partition, default: 0] += content.count { $0 == UInt8(ascii: "\n") }
        }
        return lines
    }

    /// What the name of a visible file says: its partition, as `TOPIC-PARTITION`, and its first and last offset.
    static func name(of path: String) throws -> (partition: String, offsets: ClosedRange<Int64>) {
        let words = try #require(FilePath(path).lastComponent?.stem.split(separator: "_"))
        try #require(words.count == 4, "\(path)")
        return ("\(words[0])-\(words[1])", try #require(Int64(words[2]))...#require(Int64(words[3])))
    }

    /// Runs `hera` to its end.
    static func hera(_ arguments: String...) async throws -> ProgramResult {
        try await runProgram(BuiltPackage.program(), arguments: arguments)
    }

    /// Runs `hera up --no-source` on this directory with `environment`, and hands the address of its ingestor to
    /// `body`; then stops it and says how it ended.
    func whileUp<Result>(
        _ environment: [String: String?] = [:],
        _ body: (ProgramProcess, String) async throws -> Result
    ) async throws -> (result: Result, status: ProgramStatus) {
        let arguments = ["up", "--no-source", "--data", data.string, "--listen", "127.0.0.1:0"]
        return try await withProcess(BuiltPackage.program(), arguments: arguments, environment: environment) {
            process in
            let ready = try await process.waitForLine("ready kafka=")
            let address = ready.dropFirst("ready kafka=".count).prefix { $0 != " " }
            let result = try await body(process, String(address))
            process.kill(SIGTERM)
            return (result, try await process.waitForExit())
        }
    }

    /// What the audit says of each partition, as far as it is looked at here.
    private struct AuditedPartitions: Decodable {
        struct Partition: Decodable {
            let inFlight: Int64
        }
        let partitions: [Partition]
    }

    /// Waits until nothing is in flight, looking again at each line in which the pipeline says that it filed something.
    func untilAllIsFiled(by process: ProgramProcess) async throws {
        if try await isAllFiled() { return }
        for await line in process.errorOutput where line.contains("filed ") {
            if try await isAllFiled() { return }
        }
        Issue.record("the pipeline ended before all was filed: \(process.errorOutput.soFar.suffix(20))")
    }

    private func isAllFiled() async throws -> Bool {
        let audit = try await Zone.hera("audit", "--data", data.string, "--json")
        let report = try JSONDecoder().decode(AuditedPartitions.self, from: Data(audit.output))
        return report.partitions.allSatisfy { $0.inFlight == 0 }
    }
}
