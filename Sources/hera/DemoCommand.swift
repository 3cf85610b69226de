import ArgumentParser
import Foundation
import Logging
import Pipeline

/// `hera demo`: one bounded run of the whole pipeline.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Runs the pipeline once from source to report: generate, ingest, file, audit, analyze, report.",
        discussion: """
            It begins with an empty directory (an earlier demo's is emptied, any other is refused), and leaves there \
            the log, the files, the ground truth and the report. Of the configuration all counts but data, \
            ingestor.listen, source.initial-size and source.rate: a demo has a directory, a port and a size of its \
            own, and sends as fast as it can.
            """
    )

    @Option(help: ArgumentHelp("The directory of the demo.", valueName: "dir"))
    var data = "hera-demo"

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

    @OptionGroup var file: ConfigurationFileOption

    @Flag(help: "Print only errors.")
    var quiet = false

    func validate() throws {
        guard (1...10_000_000).contains(users) else { throw ValidationError("--users is a number from 1 to 10000000") }
        guard (0...1_000_000_000).contains(events) else {
            throw ValidationError("--events is a number from 0 to 1000000000")
        }
        if let seed, seed < 0 { throw ValidationError("--seed is a number from 0") }
    }

    func run() async throws {
        var configuration = try await file.load()
        configuration.data = data
        configuration.ingestor.listen = "127.0.0.1:0"
        if let seed {
            configuration.source.seed = seed
            configuration.analyzer.seed = seed
        }
        var logger = Logger(label: "demo")
        logger.logLevel = .error
        let isQuiet = quiet
        if !quiet {
            print("HeraSDG demo: \(users) users, 5 behaviours each, \(events) further events")
        }
        let demo = Demo(configuration, users: users, events: events, logger: logger) { stage in
            if !isQuiet { print("  \(stage.line)") }
        }
        let summary = try await demo.run()
        if !quiet { print(summary.text) }
    }
}
