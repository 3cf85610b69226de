import ArgumentParser
import Audit
import Logging
import Pipeline
import Report

/// `hera score`: holds pipeline and analysis against the source's ground truth.
struct ScoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "score",
        abstract: "Holds pipeline and analysis against what the source knows it sent.",
        discussion: """
            Counts what is lost, doubled, late (not filed yet) and wrongly dead-lettered, and which users, hours and \
            partitions have other sums or lines than were sent. Where the source had personas, the adjusted Rand index \
            tells how well the segments of `hera analyze` fit them: 1 is the same, 0 is chance. Exit status 1 where a \
            bound is broken.
            """
    )

    @OptionGroup var place: PlaceOptions

    @Option(help: ArgumentHelp("Ground truth of the source's runs, with --bootstrap.", valueName: "dir"))
    var truth: String?

    @Option(help: ArgumentHelp("The analysis' segments (default: report/segments.csv of --data).", valueName: "file"))
    var segments: String?

    @Option(parsing: .unconditional, help: "So many records may be lost.")
    var maxLost: Int64 = 0

    @Option(parsing: .unconditional, help: "So many lines may be doubled.")
    var maxDoubled: Int64 = 0

    @Option(parsing: .unconditional, help: "So many records may not be filed yet (default: any number).")
    var maxLate: Int64?

    @Option(parsing: .unconditional, help: "So many records may be wrongly dead-lettered, or wrongly filed.")
    var maxWrong: Int64 = 0

    @Option(parsing: .unconditional, help: "So many users, hours and partitions may have other sums or lines.")
    var maxDiffering: Int64 = 0

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The least adjusted Rand index, from -1 to 1 (default: it is not judged).",
            valueName: "index"
        )
    )
    var minRand: Double?

    @Flag(help: "Print JSON instead of a table.")
    var json = false

    @Flag(help: "Print nothing; the exit status is the answer.")
    var quiet = false

    func validate() throws {
        try PlaceOptions.check("--truth", truth)
        guard (truth == nil) == (place.bootstrap == nil) else {
            throw ValidationError(
                "--truth goes with --bootstrap, and --bootstrap with --truth; with --data the pipeline's own truth is taken"
            )
        }
        try TextRule.path.check("--segments", segments)
        let counts: [(String, Int64?)] = [
            ("--max-lost", maxLost), ("--max-doubled", maxDoubled), ("--max-late", maxLate), ("--max-wrong", maxWrong),
            ("--max-differing", maxDiffering),
        ]
        for case (let option, let count?) in counts where count < 0 {
            throw ValidationError("\(option) is \(count); it must be 0 or more.")
        }
        if let minRand, !(-1...1).contains(minRand) {
            throw ValidationError("--min-rand is \(minRand); it must be from -1 to 1.")
        }
    }

    func run() async throws {
        var bounds = ScoreBounds()
        (bounds.lostMax, bounds.doubledMax, bounds.lateMax) = (maxLost, maxDoubled, maxLate)
        (bounds.wronglyDeadLetteredMax, bounds.differingMax, bounds.randMin) = (maxWrong, maxDiffering, minRand)
        let configuration = try await place.load(isQuiet: quiet)
        let paths = PipelinePaths(data: configuration.data)
        let score = try Score(
            truthDirectory: truth ?? paths.truth,
            segments: segments ?? ReportFiles(directory: paths.report).segments,
            bounds: bounds
        )
        let report = try await score.weigh(try await place.audit(configuration, truth: truth, isQuiet: quiet || json))
        if !quiet { try json ? StandardOutput().say(json: report) : StandardOutput().say(report.text) }
        if !report.holds { throw ExitCode.failure }
    }
}
