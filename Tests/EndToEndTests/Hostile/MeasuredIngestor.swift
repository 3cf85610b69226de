import Foundation
import PipelineTesting
import SystemPackage
import Testing

/// The real program with its defaults, and what it costs this machine.
struct MeasuredIngestor: Sendable {
    let bootstrap: String
    let process: ProgramProcess
    private let folder: String

    /// Runs `body` with an ingestor of its own.
    ///
    /// - Parameter openFilesMax: The descriptors that it may have; `nil` leaves it this process's.
    static func run<Result>(
        openFilesMax: Int? = nil,
        _ body: (MeasuredIngestor) async throws -> Result
    ) async throws -> Result {
        try await withTemporaryDirectory { (data) async throws in
            let limit = openFilesMax.map { "ulimit -n \($0) && " } ?? ""
            let line = "\(limit)exec '\(try BuiltPackage.program())' ingestor --data '\(data)' --listen 127.0.0.1:0"
            return try await withProcess("/bin/bash", arguments: ["-c", line]) { process in
                let ready = try await process.waitForLine("ready kafka=")
                let address = ready.dropFirst("ready kafka=".count).prefix { $0 != " " }
                let pid = try #require(process.processIdentifier)
                let ingestor = MeasuredIngestor(bootstrap: String(address), process: process, folder: "/proc/\(pid)/")
                return try await body(ingestor)
            }
        }
    }

    /// The time its threads have computed so far.
    var cpuTime: Duration {
        get throws {
            // Behind the name in brackets: the state, and the times in user and in kernel mode as fields 14 and 15 of all.
            let text = try read("stat")
            let fields = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ")
            let ticks = try #require(Int(fields[12])) + #require(Int(fields[13]))
            return .milliseconds(ticks * 1_000 / sysconf(Int32(_SC_CLK_TCK)))
        }
    }

    /// The most memory of its own that it had at a time, in bytes: without the pages of the program's file.
    var peakMemory: Int {
        get throws {
            let status = try read("status").split(separator: "\n")
            func kibibytes(_ name: String) throws -> Int {
                let line = try #require(status.first { $0.hasPrefix(name) })
                return try #require(Int(line.split { !$0.isNumber }[0]))
            }
            return try (kibibytes("VmHWM") - kibibytes("RssFile")) * 1024
        }
    }

    /// Counts ``peakMemory`` from now on.
    func forgetPeakMemory() throws {
        try Data("5".utf8).write(to: URL(filePath: folder + "clear_refs"))
    }

    private func read(_ name: String) throws -> String {
        try String(contentsOfFile: folder + name, encoding: .utf8)
    }
}
