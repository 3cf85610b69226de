import ArgumentParser
import Logging
import Pipeline

/// `hera up`: the whole pipeline on this machine until Ctrl-C.
struct UpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Runs the whole pipeline on this machine until Ctrl-C.",
        discussion: """
            The ingestor listens for any Kafka client, the sink files what comes, and a source sends some simulated \
            events a second (--no-source leaves it out). When it serves it prints one line, ready kafka=HOST:PORT, on \
            standard output (with metrics=HOST:PORT behind it where --metrics asks for that); it logs to standard \
            error. Ctrl-C stops it in order: what was acknowledged is kept, what was read is filed; a second one ends \
            it at once. Started again it goes on where it was.
            """
    )

    @OptionGroup var options: ConfigurationOptions

    @OptionGroup var server: ServerOptions

    @OptionGroup var storage: StorageOption

    @Flag(help: "Send no simulated events.")
    var noSource = false

    @Option(parsing: .unconditional, help: "Simulated events a second.")
    var rate: Int?

    @Flag(help: "Log only warnings and errors.")
    var quiet = false

    func validate() throws {
        try PipelineConfiguration.SourceSettings.rateRange.check("--rate", rate)
    }

    func run() async throws {
        var configuration = try await options.load(isQuiet: quiet)
        server.apply(to: &configuration)
        storage.apply(to: &configuration)
        if let rate { configuration.source.rate = rate }
        var logger = Logger(label: "hera")
        if quiet { logger.logLevel = .warning }
        let isQuiet = quiet
        let rawZone = try "\(configuration.storageLocation())/" + configuration.sink.topicsDirectory
        if try DemoDirectory(path: configuration.data).adopt(), !isQuiet {
            StandardError.say(Self.demoNotice(configuration.data))
        }
        let pipeline = LocalPipeline(configuration, logger: logger)
        let isWithSource = !noSource
        let begin = ContinuousClock.now
        let summary = try await StopSignals.endingAtTheSecond {
            try await pipeline.run(withSource: isWithSource) { addresses in
                try StandardOutput().say(addresses.readyLine)
                guard !isQuiet else { return }
                StandardError.say(
                    "Kafka clients connect to \(addresses.kafka); events are filed under \(rawZone). Ctrl-C stops the pipeline."
                )
            }
        }
        if !quiet { StandardError.say(summary.summary(after: begin.duration(to: .now))) }
    }

    private static func demoNotice(_ data: String) -> String {
        "hera: \(data) holds a demo's events, and the pipeline goes on with them; to begin without, stop it and remove "
            + "\(data), or name another directory with --data"
    }
}
