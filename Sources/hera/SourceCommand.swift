import ArgumentParser
import Community
import DataSource
import Foundation
import KafkaClient
import Logging
import ServiceLifecycle
import UnixSignals

/// `hera source`: sends the community's events to any Kafka.
struct SourceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "source",
        abstract: "Sends the community's events to a Kafka cluster.",
        discussion: """
            First INITIAL_SIZE records of users and five times as many behaviours, then without end behaviours (60 %), \
            prizes (25 %) and users (15 %), until --count, --duration or Ctrl-C. The same seed makes the same records \
            on any day, at any speed and any parallelism. It ends with the throughput and the latency of the \
            acknowledgements; with --truth it also writes what the audit compares the filed records with.
            """
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

    @Option(parsing: .unconditional, help: "Where the random numbers begin.")
    var seed: UInt64 = 0

    @Option(help: ArgumentHelp("The day at which ages are taken.", valueName: "YYYY-MM-DD"))
    var referenceDate = CommunityConfiguration.defaultReferenceDate

    @Option(help: ArgumentHelp("Write the ground truth of this run to a file in here.", valueName: "dir"))
    var truth: String?

    @Option(
        help: ArgumentHelp("Which acknowledgement counts: of all replicas, 1 (the leader) or 0.", valueName: "acks")
    )
    var acks = ProducerConfiguration.Acknowledgements.all

    @Flag(
        inversion: .prefixedNo,
        help: "Let the broker drop what a retry would write twice (default: with --acks all)."
    )
    var idempotence: Bool?

    @Option(help: ArgumentHelp("A further property of librdkafka; can be repeated.", valueName: "name=value"))
    var property: [String] = []

    @Flag(help: "Print the records instead of sending them: topic, key, value.")
    var dryRun = false

    @Flag(help: "Print the result (or, with --dry-run, each record) as JSON.")
    var json = false

    @Flag(help: "Print nothing but errors.")
    var quiet = false

    func validate() throws {
        if let problem = makeConfiguration().problem { throw ValidationError(problem) }
        if truth != nil, acks != .all || idempotence == false || property.contains(where: Self.decidesAcknowledgement) {
            throw ValidationError(
                "a ground truth needs acknowledgements of all replicas and idempotence: without them nobody knows which "
                    + "records are in the topics, and how often; leave out --truth, or the options that set these"
            )
        }
        if bootstrap.isEmpty { throw ValidationError("the bootstrap address is empty; give HOST:PORT") }
        if let bad = property.first(where: { !$0.contains("=") || $0.hasPrefix("=") }) {
            throw ValidationError("the property '\(bad)' is not of the form name=value")
        }
    }

    /// Whether a property of librdkafka overrides what `--acks` and `--idempotence` say.
    private static func decidesAcknowledgement(_ property: String) -> Bool {
        ["acks", "request.required.acks", "enable.idempotence"].contains { property.hasPrefix($0 + "=") }
    }

    func run() async throws {
        if dryRun { return try await printRecords() }
        let console = SourceConsole(isQuiet: quiet, isJSON: json)
        let service = SourceService(
            DataSource(
                makeConfiguration(),
                clock: ContinuousClock(),
                logger: console.logger,
                onProgress: { console.show($0) }
            )
        )
        var services = ServiceGroupConfiguration(
            services: [.init(service: service, successTerminationBehavior: .gracefullyShutdownGroup)],
            gracefulShutdownSignals: [.sigint, .sigterm],
            logger: console.quietLogger
        )
        // Where the broker is gone, nobody will acknowledge what was sent: after this the rest is given up, and said.
        services.maximumGracefulShutdownDuration = .seconds(10)
        let group = ServiceGroup(configuration: services)
        // A failure of the run is in its result, with what was achieved; others are thrown on.
        do {
            try await group.run()
        } catch is DataSourceError {}
        guard let result = service.result else { throw ExitCode.failure }
        try console.show(result)
        if result.failure != nil { throw ExitCode.failure }
    }

    private func printRecords() async throws {
        let run = DryRun(makeConfiguration(), clock: ContinuousClock(), form: json ? .json : .text)
        try await run.run { lines in try FileHandle.standardOutput.write(contentsOf: lines) }
    }

    private func makeConfiguration() -> DataSourceConfiguration {
        let community = CommunityConfiguration(seed: seed, initialSize: initialSize, referenceDate: referenceDate)
        let properties = property.map { $0.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false) }
        var producer = ProducerConfiguration(
            bootstrap: bootstrap.split(separator: ",").map(String.init),
            properties: Dictionary(
                properties.compactMap { $0.count == 2 ? (String($0[0]), String($0[1])) : nil },
                uniquingKeysWith: { _, last in last }
            )
        )
        producer.client.clientID = "hera-source"
        producer.acknowledgements = acks
        producer.isIdempotent = idempotence ?? (acks == .all)
        var configuration = DataSourceConfiguration(
            community: community,
            producer: producer,
            startedAtMilliseconds: Int64(Date().timeIntervalSince1970 * 1_000)
        )
        configuration.furtherRecords = count
        configuration.duration = duration?.value
        configuration.rate = rate
        configuration.parallelism = parallelism
        configuration.truthDirectory = truth
        return configuration
    }
}
