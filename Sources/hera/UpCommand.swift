import ArgumentParser
import Foundation
import Ingestor
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
            standard output; it logs to standard error. Ctrl-C stops it in order: what was acknowledged is kept, what \
            was read is filed. Started again it goes on where it was.
            """
    )

    @OptionGroup var options: ConfigurationOptions

    @Option(help: ArgumentHelp("Where to listen; port 0 takes a free one.", valueName: "host:port"))
    var listen: String?

    @Flag(help: "Send no simulated events.")
    var noSource = false

    @Option(parsing: .unconditional, help: "Simulated events a second.")
    var rate: Int?

    @Flag(help: "Log only warnings and errors.")
    var quiet = false

    func validate() throws {
        if let listen, ListenAddress(listen) == nil {
            throw ValidationError("--listen \(listen) is not of the form HOST:PORT")
        }
        try PipelineConfiguration.SourceSettings.rateRange.check("--rate", rate)
    }

    func run() async throws {
        var configuration = try await options.load()
        if let listen { configuration.ingestor.listen = listen }
        if let rate { configuration.source.rate = rate }
        var logger = Logger(label: "hera")
        if quiet { logger.logLevel = .warning }
        let isQuiet = quiet
        let rawZone = PipelinePaths(data: configuration.data).storage + "/" + configuration.sink.topicsDirectory
        try await LocalPipeline(configuration, logger: logger).run(withSource: !noSource) { address in
            try FileHandle.standardOutput.write(contentsOf: Data("ready kafka=\(address)\n".utf8))
            guard !isQuiet else { return }
            let hint = """
                Kafka clients connect to \(address); events are filed under \(rawZone). Ctrl-C stops the pipeline.

                """
            try FileHandle.standardError.write(contentsOf: Data(hint.utf8))
        }
    }
}
