import ArgumentParser
import Community
import DataSource
import Foundation
import KafkaClient
import Logging
import Pipeline
import ServiceLifecycle

/// `hera source BOOTSTRAP INITIAL_SIZE`: sends the community's events to any Kafka.
struct SourceRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Sends the community's events to a Kafka cluster.",
        usage: "hera source [<options>] <bootstrap> <initial-size>",
        discussion: """
            First INITIAL_SIZE records of users and five times as many behaviours, then without end behaviours (60 %), \
            prizes (25 %) and users (15 %), until --count, --duration or Ctrl-C. The same seed makes the same records \
            on any day, at any speed and any parallelism. It ends with the throughput and the latency of the \
            acknowledgements; with --truth it also writes what the audit compares the filed records with.

            `hera source perf BOOTSTRAP` measures how many records a cluster takes.
            """,
        helpNames: [.short, .long]
    )

    @Argument(help: ArgumentHelp("Brokers to start from: HOST:PORT,…", valueName: "bootstrap"))
    var bootstrap: String

    @Argument(help: ArgumentHelp("How many users come first.", valueName: "initial-size"))
    var initialSize: Int

    @Option(parsing: .unconditional, help: "Records that follow the initial ones (default: without end).")
    var count: Int?

    @Option(help: ArgumentHelp("When to stop making records: 500ms, 30s, 5m, 2h.", valueName: "time"))
    var duration: TimeSpan?

    @Option(parsing: .unconditional, help: "Records per second (default: as fast as they are taken).")
    var rate: Int?

    @Option(parsing: .unconditional, help: "How many producers share the sending.")
    var parallelism = 2

    @Option(parsing: .unconditional, help: "Where the random numbers begin (default: as source.seed has it).")
    var seed: UInt64?

    @Option(help: ArgumentHelp("The day at which ages are taken.", valueName: "YYYY-MM-DD"))
    var referenceDate = CommunityConfiguration.defaultReferenceDate

    @Option(help: ArgumentHelp("Write the ground truth of this run to a file in here.", valueName: "dir"))
    var truth: String?

    @OptionGroup var metrics: SourceMetricsOptions

    @Option(
        help: ArgumentHelp("Which acknowledgement counts: of all replicas, 1 (the leader) or 0.", valueName: "acks")
    )
    var acks = ProducerConfiguration.Acknowledgements.all

    @Flag(
        inversion: .prefixedNo,
        help: "Let the broker drop what a retry would write twice (default: with --acks all)."
    )
    var idempotence: Bool?

    @OptionGroup(title: "Load") var load: LoadOptions

    @OptionGroup var properties: ClientPropertyOptions

    @OptionGroup var file: ConfigurationFileOption

    @Flag(help: "Print the records instead of sending them: topic, key, value.")
    var dryRun = false

    @Flag(help: "Print the result (or, with --dry-run, each record) as JSON.")
    var json = false

    @Flag(help: "Print nothing but errors.")
    var quiet = false

    func validate() throws {
        if BrokerAddresses(bootstrap) == nil {
            throw ValidationError("the bootstrap address is '\(bootstrap)'; it has to be HOST:PORT,…")
        }
        try TextRule.path.check("--truth", truth)
        if dryRun, metrics.isAsked {
            throw ValidationError(
                "--dry-run sends nothing, so there is nothing for --metrics and --metrics-listen to tell"
            )
        }
        let configuration = try makeConfiguration(PipelineConfiguration())
        if let problem = configuration.problem { throw ValidationError(problem) }
        try checkTruth(configuration)
    }

    /// A ground truth says what is in the topics, which properties such as `acks` can make unknown.
    private func checkTruth(_ configuration: DataSourceConfiguration) throws(ValidationError) {
        let deciding = ["acks", "request.required.acks", "enable.idempotence"]
        let isDecided = deciding.contains { configuration.producer.client.properties[$0] != nil }
        guard truth != nil || load.truthTopic != nil, acks != .all || idempotence == false || isDecided else { return }
        throw ValidationError(
            "a ground truth needs acknowledgements of all replicas and idempotence: without them it is unknown which "
                + "records are in the topics, and how often; leave out --truth and --truth-topic, or the options that set these"
        )
    }

    func run() async throws {
        let pipeline = try await file.load(isQuiet: quiet)
        var configuration = try makeConfiguration(pipeline)
        try checkTruth(configuration)
        if dryRun { return try await printRecords(configuration) }
        let console = SourceConsole(isQuiet: quiet, isJSON: json)
        configuration.metrics = try metrics.recorder()
        // Before the source: what it counts from now on is shown.
        let monitor = try await metrics.serve(configuration, logger: console.logger)
        if let monitor, !quiet { StandardError.say("metrics at http://\(monitor.address)/metrics") }
        let service = SourceService(
            DataSource(
                configuration,
                clock: ContinuousClock(),
                logger: console.logger,
                onProgress: { console.show($0) }
            )
        )
        let last = ServiceGroupConfiguration.ServiceConfiguration(
            service: service,
            successTerminationBehavior: .gracefullyShutdownGroup
        )
        var services = ServiceGroupConfiguration(
            services: (monitor.map { [.init(service: $0)] } ?? []) + [last],
            gracefulShutdownSignals: StopSignals.graceful,
            logger: console.quietLogger
        )
        // Where the broker is gone, acknowledgements never come: after this the rest is given up, and reported.
        services.maximumGracefulShutdownDuration = .seconds(10)
        let group = ServiceGroup(configuration: services)
        // A failure of the run is in its result, with what was achieved; others are thrown on.
        do {
            try await StopSignals.endingAtTheSecond { try await group.run() }
        } catch is DataSourceError {}
        guard let result = service.result else { throw ExitCode.failure }
        try console.show(result)
        if result.failure != nil { throw ExitCode.failure }
    }

    private func printRecords(_ configuration: DataSourceConfiguration) async throws {
        let output = StandardOutput()
        let run = DryRun(configuration, clock: ContinuousClock(), form: json ? .json : .text)
        try await run.run { lines in try output.write(lines) }
    }

    private func makeConfiguration(_ pipeline: PipelineConfiguration) throws -> DataSourceConfiguration {
        let community = CommunityConfiguration(
            seed: seed ?? UInt64(pipeline.source.seed),
            initialSize: initialSize,
            referenceDate: referenceDate
        )
        var producer = ProducerConfiguration(
            bootstrap: BrokerAddresses(bootstrap)?.list ?? [],
            properties: properties.properties(over: pipeline)
        )
        producer.client.clientID = "hera-source"
        producer.acknowledgements = acks
        producer.isIdempotent = idempotence ?? (acks == .all)
        var configuration = DataSourceConfiguration(
            community: community,
            producer: producer,
            startedAtMilliseconds: WallClock.milliseconds()
        )
        configuration.furtherRecords = count
        configuration.duration = duration?.value
        configuration.rate = rate
        configuration.parallelism = parallelism
        configuration.truthDirectory = truth
        try load.apply(to: &configuration)
        return configuration
    }
}

/// What `hera source` shows: progress on a terminal, the result, errors.
struct SourceConsole: Sendable {
    let isQuiet: Bool
    let isJSON: Bool

    /// Warnings and errors of libraries, on standard error.
    var logger: Logger {
        var logger = Logger(label: "source")
        logger.logLevel = isQuiet ? .error : .warning
        return logger
    }

    /// Nothing: a run's end and its failure are shown by ``show(_:)-(SourceResult)``.
    var quietLogger: Logger { Logger(label: "hera") { _ in SwiftLogNoOpLogHandler() } }

    private var isProgressShown: Bool { !isQuiet && StandardError.isTerminal }

    /// Shows progress in one line that the next one replaces.
    func show(_ progress: SourceProgress) {
        guard isProgressShown else { return }
        StandardError.write("\r\(progress.text)\u{1B}[K")
    }

    /// Shows the result, and what went wrong.
    func show(_ result: SourceResult) throws {
        if isProgressShown { StandardError.write("\r\u{1B}[K") }
        let report = SourceReport(result)
        if isJSON {
            try StandardOutput().say(json: report)
        } else if !isQuiet {
            try StandardOutput().say(report.text)
        }
        if let failure = result.failure { StandardError.say("hera: \(failure)") }
    }
}
