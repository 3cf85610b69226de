import ArgumentParser
import KafkaClient

/// `hera groups`: the consumer groups of any Kafka cluster.
struct GroupsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "groups",
        abstract: "Lists, describes, resets and deletes consumer groups of any Kafka cluster.",
        subcommands: [
            GroupsListCommand.self,
            GroupsDescribeCommand.self,
            GroupsLagCommand.self,
            GroupsResetCommand.self,
            GroupsDeleteCommand.self,
        ]
    )
}

/// `hera groups list`
struct GroupsListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists the consumer groups with their states."
    )

    @OptionGroup var cluster: BootstrapOptions

    @Flag(help: "Print JSON instead of a table.")
    var json = false

    func run() async throws {
        let console = GroupsConsole()
        let groups = try await withAdmin(try await cluster.client(), logger: console.logger) { try await $0.groups() }
        try json ? console.output.say(json: groups) : console.show(groups)
    }
}

/// `hera groups describe`
struct GroupsDescribeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "describe",
        abstract: "Shows a group's members and how far it is behind."
    )

    @OptionGroup var cluster: BootstrapOptions

    @Argument(help: "The group's name.")
    var name: String

    @Flag(help: "Print JSON instead of tables.")
    var json = false

    func run() async throws {
        let console = GroupsConsole()
        let (group, lag) = try await withAdmin(try await cluster.client(), logger: console.logger) { admin in
            let group = try await admin.describeGroup(name)
            return (group, try await admin.lag(of: group))
        }
        try json ? console.output.say(json: GroupDetails(group, lag)) : console.show(group, lag)
    }
}

/// `hera groups lag`
struct GroupsLagCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lag",
        abstract: "Shows how many records groups have still to read.",
        discussion: """
            The lag of a partition is the offset that its next record will get, less the one that the group has \
            committed. What the group has not committed yet counts as unread.
            """
    )

    @OptionGroup var cluster: BootstrapOptions

    @Argument(help: "Groups, by partition (default: all groups, by topic).")
    var names: [String] = []

    @Flag(help: "Print JSON instead of a table.")
    var json = false

    func run() async throws {
        let console = GroupsConsole()
        let lags = try await withAdmin(try await cluster.client(), logger: console.logger) { admin in
            guard names.isEmpty else { return try await admin.lags(of: names) }
            return try await admin.lags()
        }
        if json { return try console.output.say(json: lags) }
        try names.isEmpty ? console.showTopics(of: lags) : console.showPartitions(of: lags)
    }
}
