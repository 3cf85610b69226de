import Analysis
import Analyzer
import ArgumentParser
import Pipeline
import Report
import Storage

/// `hera analyze`: reads the raw zone and writes the report.
struct AnalyzeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "analyze",
        abstract: "Analyses the filed events: aggregates, feature table, segments, report.",
        discussion: """
            Reads <storage>/<topics-dir>/{utenti,comportamenti,premi} and writes report.html, report.json, \
            segments.csv and aggregates.csv. The storage is <data>/storage and the report goes to <data>/report, \
            unless --storage and --out say otherwise.
            """
    )

    @OptionGroup var options: ConfigurationOptions

    @Option(help: ArgumentHelp("The storage's root, which holds the topics directory.", valueName: "url-or-dir"))
    var storage: String?

    @Option(
        help: ArgumentHelp(
            "The raw zone, below the storage's root (default: as sink.topics-dir has it).",
            valueName: "dir"
        )
    )
    var topicsDir: String?

    @Option(help: ArgumentHelp("Where the report goes; made if need be.", valueName: "dir"))
    var out: String?

    @Option(
        parsing: .unconditional,
        help: """
            Where random choices start; the same files and seed give the same numbers (default: as analyzer.seed has it).
            """
    )
    var seed: UInt64?

    @Option(
        parsing: .unconditional,
        help: "The elbow looks at k = 2 to this (default: as analyzer.segments-max has it)."
    )
    var kMax: Int?

    @Flag(help: "Print a summary for programs instead of people.")
    var json = false

    @Flag(help: "Print nothing unless it fails.")
    var quiet = false

    func validate() throws {
        if storage != nil, out == nil, options.data == nil {
            throw ValidationError("Say where the report goes: --out DIR.")
        }
        try TextRule.path.check("--storage", storage)
        if let storage { _ = try PlaceOptions.location("--storage", storage) }
        try TextRule.path.check("--out", out)
        try Setting.check("--topics-dir", topicsDir, as: "sink.topics-dir")
        if let kMax, !AnalysisOptions.kMaxRange.contains(kMax) {
            throw ValidationError("--k-max is \(kMax); it must be from 2 to \(AnalysisOptions.kMaxRange.upperBound).")
        }
    }

    func run() async throws {
        var configuration = try await options.load(isQuiet: quiet)
        if let topicsDir { configuration.sink.topicsDirectory = topicsDir }
        let paths = PipelinePaths(data: configuration.data)
        if let storage { configuration.storage.url = storage }
        let location = try configuration.storageLocation()
        let result = try await analyze(location, configuration)
        let files = try await ReportFiles.write(result, to: out ?? paths.report)
        if quiet { return }
        let summary = ReportSummary(result.analysis, files)
        try StandardOutput().say(json ? try summary.json() : summary.text)
    }

    private func analyze(
        _ location: StorageLocation,
        _ configuration: PipelineConfiguration
    ) async throws -> AnalysisResult {
        var options = AnalysisOptions(configuration)
        if let seed { options.seed = seed }
        if let kMax { options.kMax = kMax }
        let line = ProgressLine(isQuiet: quiet || json)
        defer { line.clear() }
        let storage = try configuration.fileSystem(at: location)
        do throws(AnalysisError) {
            return try await Analyzer(
                storage: storage,
                topicsDirectory: configuration.sink.topicsDirectory
            ).analyze(options) { line.show($0.stage.rawValue, done: $0.done, of: $0.total) }
        } catch {
            throw error.inStorage(location.description)
        }
    }
}
