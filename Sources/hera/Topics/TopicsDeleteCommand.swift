import ArgumentParser
import KafkaClient

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
            guard try yes || console.confirms(question, otherwise: "--yes") else {
                try console.output.say("nothing is deleted")
                throw ExitCode.failure
            }
            if let failure = try await admin.deleteTopics([name])[name] { throw failure }
            try console.output.say("deleted \(name)")
        }
    }
}
