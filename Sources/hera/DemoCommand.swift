import ArgumentParser
import Community
import Logging
import Pipeline

/// `hera demo`: one bounded run of the whole pipeline.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Runs the pipeline once from source to report: generate, ingest, file, audit, analyze, report.",
        discussion: """
            It begins with an empty directory (an earlier demo's is emptied, any other is refused), and leaves there \
            the log, the files, the ground truth and the report, where `hera audit` and `hera analyze` find them. Of \
            the configuration all counts but ingestor.listen, source.initial-size and source.rate: a demo has a port \
            and a size of its own, and sends as fast as it can. The times of its events lie in the week up to now.
            """
    )

    @OptionGroup var options: ConfigurationOptions

    @OptionGroup var storage: StorageOption

    @Option(parsing: .unconditional, help: "Users at the start; five behaviours for each follow.")
    var users = 10_000

    @Option(parsing: .unconditional, help: "Further events: behaviours, prizes and users.")
    var events = 200_000

    @Option(
        parsing: .unconditional,
        help: """
            The same seed gives the same events and the same segments (default: as source.seed and analyzer.seed have it).
            """
    )
    var seed: Int?

    @OptionGroup var community: CommunityOptions

    @Flag(help: "Print a summary for programs instead of people.")
    var json = false

    @Flag(help: "Print only errors.")
    var quiet = false

    func validate() throws {
        guard (1...10_000_000).contains(users) else { throw ValidationError("--users is a number from 1 to 10000000") }
        guard (0...1_000_000_000).contains(events) else {
            throw ValidationError("--events is a number from 0 to 1000000000")
        }
        if let seed, seed < 0 { throw ValidationError("--seed is a number from 0") }
        if let problem = load(seed: 0).problem { throw ValidationError(problem) }
    }

    /// Who is in the demo's community.
    private func load(seed: UInt64) -> CommunityConfiguration {
        var load = CommunityConfiguration(seed: seed, initialSize: users)
        community.apply(to: &load)
        return load
    }

    func run() async throws {
        var configuration = try await options.load(isQuiet: quiet)
        configuration.ingestor.listenPrivately()
        storage.apply(to: &configuration)
        if let seed {
            configuration.source.seed = seed
            configuration.analyzer.seed = seed
        }
        var logger = Logger(label: "demo")
        logger.logLevel = .error
        let output = StandardOutput()
        let isTold = !quiet && !json
        if isTold { try output.say("HeraSDG demo: \(users) users, 5 behaviours each, \(events) further events") }
        let progress = ProgressLine(isQuiet: !isTold)
        let load = load(seed: UInt64(configuration.source.seed))
        let demo = Demo(configuration, community: load, events: events, logger: logger) { stage in
            progress.clear()
            if isTold { try output.say("  \(stage.line)") }
        } onWork: { stage, done, total in
            progress.show("  \(stage)", done: done, of: total)
        }
        defer { progress.clear() }
        let summary = try await demo.run()
        progress.clear()
        if json {
            try output.say(json: summary)
        } else if isTold {
            let places = [options.data.map { " --data \($0)" }, storage.storage.map { " --storage \($0)" }]
            try output.say(summary.text(flags: places.compactMap { $0 }.joined()))
        }
    }
}
