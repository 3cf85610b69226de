import ArgumentParser
import KafkaClient

/// `hera groups delete`
struct GroupsDeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Deletes groups without members, or what a group committed of some topics.",
        discussion: "With --topic only those offsets go, and the group may have members that read other topics."
    )

    @OptionGroup var cluster: BootstrapOptions

    @Argument(help: "The groups' names.")
    var names: [String]

    @Option(
        help: ArgumentHelp(
            "A topic, or partitions of it, whose offsets go; may be given again.",
            valueName: "topic[:0,1,…]"
        )
    )
    var topic: [TopicSelection] = []

    @Flag(help: "Do not ask.")
    var yes = false

    func run() async throws {
        let console = GroupsConsole()
        let offsets = topic.isEmpty ? "every offset" : "the offsets in \(topic.map(\.topic).joined(separator: ", "))"
        let groups = names.joined(separator: ", ")
        let question =
            topic.isEmpty
            ? "delete \(groups) and \(offsets) that was committed there?" : "delete \(offsets) of \(groups)?"
        guard try yes || Question.isConfirmed(question, otherwise: "--yes") else {
            try console.output.say("nothing is deleted")
            throw ExitCode.failure
        }
        let failures = try await withAdmin(try await cluster.client(), logger: console.logger) { admin in
            guard !topic.isEmpty else { return try await admin.deleteGroups(names) }
            let partitions = try await admin.chosen(topic)
            var failures: [String: KafkaClientError] = [:]
            for name in names {
                do throws(KafkaClientError) {
                    try await admin.deleteOffsets(ofGroup: name, partitions)
                } catch {
                    failures[name] = error
                }
            }
            return failures
        }
        for name in names where failures[name] == nil {
            try console.output.say(topic.isEmpty ? "deleted \(name)" : "deleted \(offsets) of \(name)")
        }
        for name in names {
            if let failure = failures[name] { StandardError.say("hera: \(failure)") }
        }
        if !failures.isEmpty { throw ExitCode.failure }
    }
}
