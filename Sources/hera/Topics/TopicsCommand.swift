import ArgumentParser

/// `hera topics`: the topics of any Kafka cluster.
struct TopicsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "topics",
        abstract: "Lists, creates, describes, reads and deletes topics of any Kafka cluster.",
        subcommands: [
            TopicsListCommand.self,
            TopicsCreateCommand.self,
            TopicsDescribeCommand.self,
            TopicsTailCommand.self,
            TopicsDeleteCommand.self,
        ]
    )
}
