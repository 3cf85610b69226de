import ArgumentParser
import DataSource
import Foundation
import KafkaClient
import KafkaTopics
import Logging
import Pipeline
import ServiceLifecycle

/// `hera source perf`: measures how many records a Kafka cluster takes.
struct SourcePerfCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "perf",
        abstract: "Measures how many records a Kafka cluster takes, and finds the knee.",
        discussion: """
            Each combination of the lists is a step: that many producers send for --duration as fast as they are taken. \
            A list is 1,2,4 or, of numbers, 1-8. It ends with a table of records/s, MB/s, latency and processor time, \
            and one sentence: how many producers are enough. It sends to a topic of its own, which it makes and removes.
            """,
        helpNames: [.short, .long]
    )

    @Argument(help: ArgumentHelp("Brokers to start from: HOST:PORT,…", valueName: "bootstrap"))
    var bootstrap: String

    @Option(parsing: .unconditional, help: ArgumentHelp("How many producers send at once: 1 to 64.", valueName: "list"))
    var producers = NumberList([1, 2, 4])

    @Option(parsing: .unconditional, help: ArgumentHelp("Bytes of a record: 1 to 10000000.", valueName: "list"))
    var recordSize = NumberList([150])

    @Option(help: ArgumentHelp("Which acknowledgement counts: all, 1, 0.", valueName: "list"))
    var acks = AcksList([.all])

    @Option(help: ArgumentHelp("none, gzip, snappy, lz4, zstd.", valueName: "list"))
    var compression = CodecList(["none"])

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The most bytes of a batch: 1000 to 100000000.", valueName: "list")
    )
    var batch = NumberList([1_000_000])

    @Option(help: ArgumentHelp("How long a record waits for others: 0ms to 60s.", valueName: "list"))
    var linger = TimeList([.milliseconds(5)])

    @Option(help: ArgumentHelp("How long a step is measured: 100ms to 1h.", valueName: "time"))
    var duration = TimeSpan.seconds(5)

    @Option(help: ArgumentHelp("How long a step sends before it is measured: up to 10m.", valueName: "time"))
    var warmUp = TimeSpan.seconds(1)

    @Option(help: ArgumentHelp("How long all of it may take: 1s to 24h.", valueName: "time"))
    var timeLimit = TimeSpan.seconds(600)

    @Option(help: ArgumentHelp("Send to this topic instead. What is sent stays there.", valueName: "name"))
    var topic: String?

    @Option(parsing: .unconditional, help: "Partitions of the topic that is made: 1 to 1000 (default: 6).")
    var partitions: Int?

    @Option(help: ArgumentHelp("Write performance.html and performance.csv in here.", valueName: "dir"))
    var out: String?

    @OptionGroup var properties: ClientPropertyOptions

    @OptionGroup var file: ConfigurationFileOption

    @Flag(help: "Print the result as JSON.")
    var json = false

    @Flag(help: "Print nothing but errors.")
    var quiet = false

    func validate() throws {
        if BrokerAddresses(bootstrap) == nil {
            throw ValidationError("the bootstrap address is '\(bootstrap)'; it has to be HOST:PORT,…")
        }
        try TextRule.path.check("--out", out)
        typealias Limits = PerformanceLimits
        for number in producers.values { try Limits.producers.check("--producers", number) }
        for number in recordSize.values { try Limits.recordBytes.check("--record-size", number) }
        for number in batch.values { try Limits.batchBytes.check("--batch", number) }
        try Limits.partitions.check("--partitions", partitions)
        for time in linger.values { try Limits.lingers.check("--linger", time) }
        try Limits.durations.check("--duration", duration.value)
        try Limits.warmUps.check("--warm-up", warmUp.value)
        try Limits.timeLimits.check("--time-limit", timeLimit.value)
        if let topic, let problem = TopicName.problem(with: topic) {
            throw ValidationError("--topic: '\(topic)' is no name of a topic: \(problem)")
        }
        if topic != nil, partitions != nil {
            throw ValidationError("--partitions is for the topic that is made; --topic names one that is there")
        }
        let configuration = makeConfiguration(PipelineConfiguration())
        if let problem = configuration.problem { throw ValidationError("cannot measure: \(problem)") }
    }

    func run() async throws {
        let configuration = makeConfiguration(try await file.load(isQuiet: quiet))
        if let out { try PerformanceFiles.prepare(out) }
        let line = ProgressLine(isQuiet: quiet || json)
        if !quiet, !json { StandardError.say(Self.plan(configuration)) }
        var logger = Logger(label: "source")
        logger.logLevel = quiet ? .error : .warning
        let service = PerformanceService(
            PerformanceTest(configuration, clock: ContinuousClock(), logger: logger) {
                line.show("measured", done: $0, of: $1)
            }
        )
        var services = ServiceGroupConfiguration(
            services: [.init(service: service, successTerminationBehavior: .gracefullyShutdownGroup)],
            gracefulShutdownSignals: StopSignals.graceful,
            logger: Logger(label: "hera") { _ in SwiftLogNoOpLogHandler() }
        )
        services.maximumGracefulShutdownDuration = .seconds(20)
        let group = ServiceGroup(configuration: services)
        try await StopSignals.endingAtTheSecond { try await group.run() }
        line.clear()
        guard let report = service.report else { throw ExitCode.failure }
        let output = StandardOutput()
        if json { try output.say(json: report) } else if !quiet { try output.say(report.text) }
        if let out {
            let files = try await PerformanceFiles.write(report, to: out)
            if !quiet, !json { try output.say("report: \(files.page)") }
        }
        if report.hasFailures { throw ExitCode.failure }
    }

    /// What is about to be done, and how long it takes.
    private static func plan(_ configuration: PerformanceConfiguration) -> String {
        let count = configuration.stepCount
        let step = "\((configuration.warmUp + configuration.duration).shortText)"
        return
            "\(count) step\(count == 1 ? "" : "s") of \(step): about \(configuration.plannedTime.shortText), at most "
            + configuration.timeLimit.shortText
    }

    private func makeConfiguration(_ pipeline: PipelineConfiguration) -> PerformanceConfiguration {
        var configuration = PerformanceConfiguration(
            client: ClientConfiguration(
                bootstrap: BrokerAddresses(bootstrap)?.list ?? [],
                properties: properties.properties(over: pipeline),
                clientID: "hera-source-perf"
            ),
            startedAtMilliseconds: WallClock.milliseconds()
        )
        configuration.topic = topic
        if let partitions { configuration.partitions = partitions }
        configuration.producers = producers.values
        configuration.recordBytes = recordSize.values
        configuration.acknowledgements = acks.values
        configuration.compressions = compression.values
        configuration.batchBytes = batch.values
        configuration.lingers = linger.values
        configuration.duration = duration.value
        configuration.warmUp = warmUp.value
        configuration.timeLimit = timeLimit.value
        return configuration
    }
}
