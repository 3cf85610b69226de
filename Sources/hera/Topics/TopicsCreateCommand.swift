import ArgumentParser
import KafkaClient
import KafkaTopics

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
