import ArgumentParser
import KafkaClient
import KafkaTopics

/// `hera topics`: the topics of any Kafka cluster.
struct TopicsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "topics",
        abstract: "Lists, creates, describes, changes, reads and deletes topics of any Kafka cluster.",
        subcommands: [
            TopicsListCommand.self,
            TopicsCreateCommand.self,
            TopicsDescribeCommand.self,
            TopicsConfigsCommand.self,
            TopicsAlterCommand.self,
            TopicsPartitionsCommand.self,
            TopicsRecordsCommand.self,
            TopicsTailCommand.self,
            TopicsDeleteCommand.self,
        ]
    )
}

/// `hera topics list`
struct TopicsListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists the topics with their partitions and records."
    )

    @OptionGroup var cluster: BootstrapOptions

    @Flag(help: "Print JSON instead of a table.")
    var json = false

    func run() async throws {
        let console = TopicsConsole()
        let summaries = try await withAdmin(try await cluster.client(), logger: console.logger) {
            try await $0.summaries()
        }
        try json ? console.output.say(json: summaries) : console.show(summaries)
    }
}

/// `hera topics describe`
struct TopicsDescribeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "describe",
        abstract: "Shows a topic's partitions, offsets and settings."
    )

    @OptionGroup var cluster: BootstrapOptions

    @Argument(help: "The topic's name.")
    var name: String

    @Flag(help: "Print JSON instead of tables.")
    var json = false

    func run() async throws {
        let console = TopicsConsole()
        let details = try await withAdmin(try await cluster.client(), logger: console.logger) { admin in
            try await admin.details(ofTopic: name)
        }
        try json ? console.output.say(json: details) : console.show(details)
    }
}

/// `hera topics create`
struct TopicsCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Creates a topic."
    )

    @OptionGroup var cluster: BootstrapOptions

    @Argument(help: "The topic's name.")
    var name: String

    @Option(parsing: .unconditional, help: "How many partitions it has.")
    var partitions: Int32 = 1

    @Option(parsing: .unconditional, help: "How many brokers keep each partition (default: as the cluster has it).")
    var replicationFactor: Int32?

    @Option(help: ArgumentHelp("A setting, for example retention.ms=3600000; may be given again.", valueName: "k=v"))
    var config: [String] = []

    func validate() throws {
        if let problem = TopicName.problem(with: name) { throw ValidationError("\(problem).") }
        guard partitions > 0 else { throw ValidationError("--partitions is \(partitions); it must be 1 or more.") }
        if let replicationFactor, !(1...Int32(Int16.max)).contains(replicationFactor) {
            throw ValidationError("--replication-factor is \(replicationFactor); it must be 1 or more.")
        }
        for setting in config where NameAndValue(setting) == nil {
            throw ValidationError("--config: '\(setting)' is not NAME=VALUE.")
        }
    }

    func run() async throws {
        let console = TopicsConsole()
        let topic = NewTopic(
            name: name,
            partitions: partitions,
            replicationFactor: replicationFactor,
            configs: NameAndValue.dictionary(config)
        )
        try await withAdmin(try await cluster.client(), logger: console.logger) { try await $0.createTopic(topic) }
        try console.output.say("created \(name) with \(partitions) partition\(partitions == 1 ? "" : "s")")
    }
}

/// `hera topics delete`
struct TopicsDeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Deletes a topic and every record in it."
    )

    @OptionGroup var cluster: BootstrapOptions

    @Argument(help: "The topic's name.")
    var name: String

    @Flag(help: "Do not ask.")
    var yes = false

    func run() async throws {
        let console = TopicsConsole()
        try await withAdmin(try await cluster.client(), logger: console.logger) { admin in
            let topic = try await admin.describeTopic(name)
            let question = "delete \(name), its \(topic.partitions.count) partitions and every record in them?"
            guard try yes || Question.isConfirmed(question, otherwise: "--yes") else {
                try console.output.say("nothing is deleted")
                throw ExitCode.failure
            }
            if let failure = try await admin.deleteTopics([name])[name] { throw failure }
            try console.output.say("deleted \(name)")
        }
    }
}
