import ArgumentParser

/// `hera source`: sends the community's events, or finds a broker's limit.
struct SourceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "source",
        abstract: "Sends the community's events to a Kafka cluster, or finds the cluster's limit.",
        discussion: """
            `hera source BOOTSTRAP INITIAL_SIZE` sends events: 'run' need not be said. `hera source perf BOOTSTRAP` \
            measures how many records a cluster takes.
            """,
        subcommands: [SourceRunCommand.self, SourcePerfCommand.self],
        defaultSubcommand: SourceRunCommand.self,
        // So that `hera source --help` is the help of sending, as ever: each subcommand has these flags itself.
        helpNames: []
    )
}
