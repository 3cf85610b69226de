import ArgumentParser
import KafkaClient
import KafkaTopics
import Logging
import Pipeline
import Storage

/// `hera repair`: what an operator decides where a log was replaced or a batch cannot be read.
struct RepairCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repair",
        abstract: "Decides what the sink must not decide by itself: a replaced log, a batch that cannot be read.",
        discussion: """
            Works on the pipeline of this machine (--data), whether it runs or not, or on any Kafka and the storage behind \
            it (--bootstrap and --storage). No file that is there is changed or deleted, and a sink that runs goes on by \
            itself afterwards.
            """,
        subcommands: [List.self, Accept.self, Skip.self],
        defaultSubcommand: List.self
    )

    /// What is repaired, and how it is told.
    struct Place: ParsableArguments {
        @OptionGroup var place: PlaceOptions

        @Flag(help: "Print JSON.")
        var json = false

        /// Runs `body` with a repair of this place.
        func run<Result: Sendable>(_ body: @escaping @Sendable (Repair) async throws -> Result) async throws -> Result {
            let configuration = try await place.load()
            var quiet = Logger(label: "repair")
            quiet.logLevel = .warning
            let logger = quiet
            if let (client, storage) = try place.cluster(configuration) {
                return try await body(
                    Repair(SinkTarget(configuration, client: client, storage: storage), logger: logger)
                )
            }
            let storage = try configuration.fileSystem()
            return try await LocalKafka(configuration, logger: logger).run { bootstrap, _ in
                let client = ClientConfiguration(bootstrap: [bootstrap])
                return try await body(
                    Repair(SinkTarget(configuration, client: client, storage: storage), logger: logger)
                )
            }
        }
    }

    /// `hera repair list`
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "Shows the partitions that have stopped, why, since when, and the command that repairs each."
        )

        @OptionGroup var place: Place

        func run() async throws {
            let standing = try await place.run { try await $0.list() }
            let console = TopicsConsole()
            if place.json { return try console.output.say(json: standing) }
            guard !standing.isEmpty else { return try console.output.say("no partition has stopped") }
            for partition in standing { try console.output.say(partition.text) }
        }
    }

    /// `hera repair accept`
    struct Accept: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "accept",
            abstract: "Files the log that is there now, where a topic was made again or lost its end.",
            discussion: """
                Files that are there stay. What differs from them is filed under names that end with .l2.json, .l3.json and \
                so on, which the same patterns match. A damaged commit record is set aside.
                """
        )

        @OptionGroup var place: Place
        @OptionGroup var decision: Decision

        func run() async throws {
            let partition = decision.partition
            try await decision.take(place) { try await $0.planToAccept(partition) }
        }
    }

    /// `hera repair skip`
    struct Skip: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "skip",
            abstract: "Steps over offsets that cannot be read; they are counted and listed."
        )

        @OptionGroup var place: Place
        @OptionGroup var decision: Decision

        @Option(
            help: ArgumentHelp(
                "The first offset that is filed again; without it, the first one that can be read.",
                valueName: "offset"
            )
        )
        var to: Int64?

        func run() async throws {
            let (partition, to) = (decision.partition, to)
            try await decision.take(place) { try await $0.planToSkip(partition, to: to) }
        }
    }

    /// What is decided about, and whether to ask first.
    struct Decision: ParsableArguments {
        @Argument(
            help: ArgumentHelp("Topic and partition, for example utenti-0.", valueName: "topic-partition"),
            transform: Self.partition
        )
        var partition: TopicPartition

        @Flag(help: "Do not ask.")
        var yes = false

        static func partition(_ text: String) throws -> TopicPartition {
            guard let dash = text.lastIndex(of: "-"), dash != text.startIndex,
                let number = Int32(text[text.index(after: dash)...]), number >= 0
            else { throw ValidationError("'\(text)' is not TOPIC-PARTITION, for example utenti-0.") }
            return TopicPartition(topic: String(text[..<dash]), partition: number)
        }

        /// Shows a plan, asks, and carries it out.
        func take(
            _ place: Place,
            _ plan: @escaping @Sendable (Repair) async throws -> Repair.Plan
        ) async throws {
            let console = TopicsConsole()
            let (yes, json) = (yes, place.json)
            try await place.run { repair in
                let plan = try await plan(repair)
                if !json { for line in plan.lines { try console.output.say(line) } }
                guard try yes || Question.isConfirmed("go on?", otherwise: "--yes") else {
                    try console.output.say("nothing is changed")
                    throw ExitCode.failure
                }
                let outcome = try await repair.carryOut(plan)
                if json { return try console.output.say(json: outcome) }
                try console.output.say("done; a sink that runs goes on by itself")
            }
        }
    }
}
