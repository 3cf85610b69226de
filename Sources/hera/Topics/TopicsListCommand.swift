import ArgumentParser
import KafkaClient

/// `hera topics list`
struct TopicsListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists the topics with their partitions and records."
    )

    @OptionGroup var cluster: BootstrapOptions

    @Flag(help: "Print JSON for programs instead of a table for people.")
    var json = false

    func run() async throws {
        let console = TopicsConsole()
        let summaries = try await withAdmin(try await cluster.client(), logger: console.logger) {
            try await $0.summaries()
        }
        try json ? console.output.say(json: summaries) : console.show(summaries)
    }
}
