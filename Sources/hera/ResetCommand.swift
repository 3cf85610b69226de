import ArgumentParser
import KafkaClient
import Logging
import Pipeline
import Storage

/// `hera reset`: empties topics and files, and gives the sink its new place.
struct ResetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset",
        abstract: "Empties the topics, the raw and the clean zone, and gives the sink its new place.",
        discussion: """
            Shows what would go, and asks. Works on the pipeline of this machine while it does not run (--data), or on \
            any Kafka and the storage behind it (--bootstrap and --storage) while no sink files these topics. Topics stay, \
            and so do all settings. What dies on its way is run again, and goes on where it stopped.

            Without --only everything goes, and the sink goes on with what comes next. --only topics: files stay, and \
            what was not filed never is. --only files: the topics keep their records, and the sink goes on where it \
            stands. --only files,commits: the sink files anew all that the topics still hold. --only commits: topics and \
            files stay, and what was not filed never is.
            """
    )

    @OptionGroup var place: PlaceOptions

    @Option(
        help: ArgumentHelp(
            "Only this topic; may be given again (default: all that the sink files).",
            valueName: "topic"
        )
    )
    var topic: [String] = []

    @Option(help: ArgumentHelp("Only these parts: topics, files, commits.", valueName: "part,…"), transform: Self.parts)
    var only: [Set<ResetScope.Part>] = []

    @Flag(help: "Do not ask.")
    var yes = false

    @Flag(help: "Show what would go, and change nothing.")
    var dryRun = false

    @Flag(help: "Print JSON instead of a table.")
    var json = false

    static func parts(_ text: String) throws -> Set<ResetScope.Part> {
        let names = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        return Set(
            try names.map { name in
                guard let part = ResetScope.Part(rawValue: name) else {
                    throw ValidationError("'\(name)' is not a part; there are topics, files and commits.")
                }
                return part
            }
        )
    }

    func validate() throws {
        if yes, dryRun { throw ValidationError("Give either --yes or --dry-run.") }
    }

    func run() async throws {
        let configuration = try await place.load(isQuiet: json)
        var quiet = Logger(label: "reset")
        quiet.logLevel = .warning
        let logger = quiet
        if let (client, storage) = try place.cluster(configuration) {
            let target = try SinkTarget(configuration, client: client, storage: storage)
            return try await run(Reset(configuration, target, logger: logger))
        }
        let storage = try configuration.fileSystem()
        try await LocalKafka(configuration, logger: logger).run { bootstrap, isRunning in
            guard !isRunning else { throw ResetError.pipelineRuns(configuration.data) }
            let client = ClientConfiguration(bootstrap: [bootstrap])
            let target = try SinkTarget(configuration, client: client, storage: storage)
            try await run(Reset(configuration, target, logger: logger))
        }
    }

    private func run(_ reset: Reset) async throws {
        let parts = only.isEmpty ? Set(ResetScope.Part.allCases) : only.reduce(into: []) { $0.formUnion($1) }
        let plan = try await reset.plan(ResetScope(parts, topics: topic.isEmpty ? nil : topic))
        let output = StandardOutput()
        if json, dryRun || plan.isEmpty { return try output.say(json: plan) }
        if plan.isEmpty { return try output.say("there is nothing to reset") }
        if !json { try output.say(plan.text) }
        if dryRun { return try output.say("nothing is changed: this was a dry run") }
        guard try yes || Question.isConfirmed("go on?", otherwise: "--yes") else {
            try output.say("nothing is changed")
            throw ExitCode.failure
        }
        try await reset.carryOut(plan) { step in
            if !json { try output.say(step) }
        }
        try json ? output.say(json: plan) : output.say("done")
    }
}
