import ArgumentParser
import KafkaClient

/// `hera topics describe`
struct TopicsDescribeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "describe",
        abstract: "Shows a topic's partitions, offsets and settings."
    )

    @OptionGroup var cluster: BootstrapOptions

    @Argument(help: "The topic's name.")
    var name: String

    @Flag(help: "Print JSON for programs instead of tables for people.")
    var json = false

    func run() async throws {
        let console = TopicsConsole()
        let details = try await withAdmin(try await cluster.client(), logger: console.logger) { admin in
            try await admin.details(ofTopic: name)
        }
        try json ? console.output.say(json: details) : console.show(details)
    }
}
