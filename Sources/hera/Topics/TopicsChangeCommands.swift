import ArgumentParser
import KafkaClient
import KafkaTopics
import PlainText

/// `hera topics partitions`
struct TopicsPartitionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "partitions",
        abstract: "Gives a topic more partitions.",
        discussion: """
            Records stay where they are. New records of a key may go to another partition than its earlier ones, and the \
            order between the two is lost.
            """
    )

    @OptionGroup var cluster: BootstrapOptions

    @Argument(help: "The topic's name.")
    var name: String

    @Argument(help: "How many partitions it has then.")
    var count: Int32

    func validate() throws {
        guard count > 0 else { throw ValidationError("The topic cannot have \(count) partitions; give 1 or more.") }
    }

    func run() async throws {
        let console = TopicsConsole()
        try await withAdmin(try await cluster.client(), logger: console.logger) { admin in
            try await admin.addPartitions(to: name, count: count)
        }
        try console.output.say("\(name) has \(count) partition\(count == 1 ? "" : "s") now")
    }
}

/// `hera topics configs`
struct TopicsConfigsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "configs",
        abstract: "Shows a topic's settings."
    )

    @OptionGroup var cluster: BootstrapOptions

    @Argument(help: "The topic's name.")
    var name: String

    @Flag(help: "Only those that were chosen for the topic.")
    var chosen = false

    @Flag(help: "Print JSON instead of a table.")
    var json = false

    func run() async throws {
        let console = TopicsConsole()
        let details = try await withAdmin(try await cluster.client(), logger: console.logger) { admin in
            try await admin.details(ofTopic: name)
        }
        let settings = details.settings.filter { !chosen || !$0.isDefault }
        try json ? console.output.say(json: settings) : console.show(settings)
    }
}

/// `hera topics alter`
struct TopicsAlterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alter",
        abstract: "Changes a topic's settings.",
        discussion: """
            The settings are read, changed and written as a whole, which works with brokers of any age. A change that is \
            made elsewhere in the same moment is lost.
            """
    )

    @OptionGroup var cluster: BootstrapOptions

    @Argument(help: "The topic's name.")
    var name: String

    @Option(help: ArgumentHelp("A new value, for example retention.ms=3600000; may be given again.", valueName: "k=v"))
    var config: [String] = []

    @Option(help: ArgumentHelp("A setting that returns to its default; may be given again.", valueName: "k"))
    var delete: [String] = []

    @Flag(help: "Have it checked and show what would change, and change nothing.")
    var dryRun = false

    @Flag(help: "Print JSON instead of a table.")
    var json = false

    func validate() throws {
        guard !config.isEmpty || !delete.isEmpty else {
            throw ValidationError("Say what to change, with --config NAME=VALUE or --delete NAME.")
        }
        for setting in config where NameAndValue(setting) == nil {
            throw ValidationError("--config: '\(setting)' is not NAME=VALUE.")
        }
        if let both = delete.first(where: { NameAndValue.dictionary(config)[$0] != nil }) {
            throw ValidationError("'\(both)' is given with --config and with --delete; give it once.")
        }
    }

    func run() async throws {
        let console = TopicsConsole()
        let change = try await withAdmin(try await cluster.client(), logger: console.logger) { admin in
            let change = try await admin.settingsChange(
                ofTopic: name,
                setting: NameAndValue.dictionary(config),
                removing: Set(delete)
            )
            try await admin.apply(change, onlyChecks: dryRun)
            return change
        }
        try json ? console.output.say(json: change) : console.show(change, isDone: !dryRun)
    }
}

/// `hera topics records`
struct TopicsRecordsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "records",
        abstract: "Deletes a topic's oldest records.",
        discussion: "Offsets are not given again: the topic goes on where it was."
    )

    @OptionGroup var cluster: BootstrapOptions

    @Argument(
        help: ArgumentHelp("A topic, or partitions of it.", valueName: "topic[:0,1,…]")
    )
    var topic: TopicSelection

    @Option(parsing: .unconditional, help: "Delete those before this offset.")
    var beforeOffset: Int64?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Delete those before the first of this time or later: 2026-11-30T10:00:00Z, 2026-11-30 (midnight, UTC), or "
                + "milliseconds since 1970.",
            valueName: "time"
        )
    )
    var beforeTime: PointInTime?

    @Flag(help: "Delete all that there are now.")
    var all = false

    @Flag(help: "Do not ask.")
    var yes = false

    @Flag(help: "Show what would go, and delete nothing.")
    var dryRun = false

    @Flag(help: "Print JSON instead of a table.")
    var json = false

    private var targets: [OffsetTarget] {
        let chosen: [OffsetTarget?] = [
            beforeOffset.map(OffsetTarget.offset), beforeTime.map { .time($0.milliseconds) }, all ? .latest : nil,
        ]
        return chosen.compactMap { $0 }
    }

    func validate() throws {
        guard targets.count == 1 else {
            throw ValidationError("Give one of --before-offset, --before-time and --all.")
        }
        if let beforeOffset, beforeOffset < 0 {
            throw ValidationError("--before-offset is \(beforeOffset); it must be 0 or more.")
        }
    }

    func run() async throws {
        let console = TopicsConsole()
        let deletion = try await withAdmin(try await cluster.client(), logger: console.logger) { admin in
            let deletion = try await admin.recordDeletion(of: topic, before: targets[0])
            if dryRun || deletion.count == 0 { return deletion }
            let question = "delete \(deletion.count) records of \(deletion.topic)?"
            guard try yes || Question.isConfirmed(question, otherwise: "--yes") else {
                try console.output.say("nothing is deleted")
                throw ExitCode.failure
            }
            try await admin.apply(deletion)
            return deletion
        }
        try json ? console.output.say(json: deletion) : console.show(deletion, isDone: !dryRun)
    }
}
