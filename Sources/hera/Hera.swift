import ArgumentParser

/// The program: one file a command, each parses its words and hands them on.
@main
struct Hera: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hera",
        abstract: "The event-analytics pipeline of a rewards community, on one machine or on a cluster.",
        version: "0.1.0",
        subcommands: [
            AnalyzeCommand.self
        ]
    )
}
