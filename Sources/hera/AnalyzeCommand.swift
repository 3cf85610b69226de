import Analyzer
import ArgumentParser
import Foundation
import Report
import Storage

/// `hera analyze`: reads the raw zone and writes the report.
struct AnalyzeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "analyze",
        abstract: "Analyses the filed events: aggregates, feature table, segments, report.",
        discussion: """
            Reads <storage>/<topics-dir>/{utenti,comportamenti,premi} and writes report.html, report.json,
            segments.csv and aggregates.csv. With --data the storage is <data>/storage and the report goes to
            <data>/report, unless --storage or --out say otherwise.
            """
    )

    @Option(help: ArgumentHelp("The storage's root, which holds the topics directory.", valueName: "dir"))
    var storage: String?

    @Option(help: ArgumentHelp("The raw zone, below the storage's root.", valueName: "dir"))
    var topicsDir: String = Analyzer.defaultTopicsDirectory

    @Option(help: ArgumentHelp("The directory of the embedded pipeline.", valueName: "dir"))
    var data: String?

    @Option(help: ArgumentHelp("Where the report goes; made if need be.", valueName: "dir"))
    var out: String?

    @Option(help: "Where random choices start; the same files and seed give the same numbers.")
    var seed: UInt64 = 42

    @Option(help: "The elbow looks at k = 2 to this.")
    var kMax: Int = 10

    @Flag(help: "Print a summary for programs instead of people.")
    var json = false

    @Flag(help: "Print nothing unless it fails.")
    var quiet = false

    func validate() throws {
        guard storage != nil || data != nil else {
            throw ValidationError("Say where the data is: --storage DIR --out DIR, or --data DIR.")
        }
        guard out != nil || data != nil else {
            throw ValidationError("Say where the report goes: --out DIR.")
        }
        guard (2...Limits.kMax).contains(kMax) else {
            throw ValidationError("--k-max is \(kMax); it must be from 2 to \(Limits.kMax).")
        }
    }

    func run() async throws {
        let result = try await analyze(root: storage ?? "\(data ?? ".")/storage")
        let files = try ReportFiles.write(result, to: out ?? "\(data ?? ".")/report")
        if quiet { return }
        let summary = ReportSummary(result.analysis, files)
        print(json ? try summary.json() : summary.text)
    }

    private func analyze(root: String) async throws(AnalyzerError) -> AnalysisResult {
        let options = AnalysisOptions(
            seed: seed,
            kMax: kMax,
            workers: max(1, ProcessInfo.processInfo.activeProcessorCount)
        )
        do {
            return try await Analyzer.analyze(
                storage: LocalFileSystem(path: root),
                topicsDirectory: topicsDir,
                options: options
            )
        } catch {
            throw error.inStorage(root)
        }
    }
}
