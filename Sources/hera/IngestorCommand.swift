import ArgumentParser
import Ingestor
import Logging
import Pipeline

/// `hera ingestor`: the embedded Kafka-protocol server alone.
struct IngestorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ingestor",
        abstract: "Serves the Kafka protocol over a durable log on this machine.",
        discussion: """
            Any Kafka client can produce to it and consume from it. It runs until Ctrl-C (or SIGTERM), then answers \
            what is under way and closes its log; a second one ends it at once. When it serves it prints one line, \
            ready kafka=HOST:PORT, on standard output (with metrics=HOST:PORT behind it where --metrics asks for \
            that); it logs to standard error.
            """
    )

    @OptionGroup var options: ConfigurationOptions

    @OptionGroup var server: ServerOptions

    @Option(help: ArgumentHelp("When records are forced to disk: os, interval or always.", valueName: "policy"))
    var flush: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Milliseconds between two flushes, with --flush interval.", valueName: "ms")
    )
    var flushInterval: Int?

    @Option(parsing: .unconditional, help: "Partitions of a topic that is made without a number of them.")
    var partitions: Int?

    @Option(parsing: .unconditional, help: ArgumentHelp("How long topics keep their records.", valueName: "ms"))
    var retention: Int?

    @Flag(help: "Do not make a topic when a client first asks for it.")
    var noAutoCreate = false

    @Flag(help: "Do not make the community's topics (utenti, comportamenti, premi).")
    var noTopics = false

    @Flag(help: "Log also what matters only when something is wrong.")
    var debug = false

    func validate() throws {
        try Setting.check("--flush", flush, as: "ingestor.flush")
        typealias Settings = PipelineConfiguration.IngestorSettings
        try Settings.flushIntervalMillisecondsRange.check("--flush-interval", flushInterval)
        try Settings.partitionsRange.check("--partitions", partitions)
        if let retention, retention < 1 { throw ValidationError("--retention is a number of milliseconds from 1") }
    }

    func run() async throws {
        var pipeline = try await options.load()
        server.apply(to: &pipeline)
        apply(to: &pipeline.ingestor)
        try DemoDirectory(path: pipeline.data).adopt()
        var configuration = try IngestorConfiguration(pipeline)
        if noTopics { configuration.topics = [] }

        var logger = Logger(label: "ingestor")
        if debug { logger.logLevel = .debug }
        let ingestor = LocalIngestor(configuration, metrics: pipeline.metrics, logger: logger)
        try await StopSignals.endingAtTheSecond {
            try await ingestor.run { try StandardOutput().say($0.readyLine) }
        }
    }

    private func apply(to settings: inout PipelineConfiguration.IngestorSettings) {
        if let flush { settings.flush = flush }
        if let flushInterval { settings.flushIntervalMilliseconds = flushInterval }
        if let partitions { settings.partitions = partitions }
        if let retention { settings.retentionMilliseconds = retention }
        if noAutoCreate { settings.autoCreateTopics = false }
    }
}
