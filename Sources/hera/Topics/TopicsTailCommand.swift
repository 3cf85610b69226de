import ArgumentParser
import KafkaClient
import Logging
import ServiceLifecycle
import UnixSignals

/// `hera topics tail`
struct TopicsTailCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tail",
        abstract: "Prints a topic's records as they come, one a line, until Ctrl-C.",
        discussion: "A record without a value (a tombstone) is printed as null. The group's offsets are not touched."
    )

    @OptionGroup var cluster: BootstrapOptions

    @Argument(help: "The topic's name.")
    var name: String

    @Flag(help: "Begin with the oldest record instead of the next one.")
    var fromBeginning = false

    @Option(parsing: .unconditional, help: "End after so many records.")
    var count: Int?

    @Flag(help: "Print the key and a tab before each value.")
    var key = false

    func validate() throws {
        if let count, count < 1 { throw ValidationError("--count is \(count); it must be 1 or more.") }
    }

    func run() async throws {
        let console = TopicsConsole()
        var tail = TopicTail(name, client: cluster.client, logger: console.logger) { try console.write($0) }
        tail.isFromBeginning = fromBeginning
        tail.countMax = count
        tail.showsKeys = key
        let services = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: tail, successTerminationBehavior: .gracefullyShutdownGroup)],
                gracefulShutdownSignals: [.sigint, .sigterm],
                logger: Logger(label: "services") { _ in SwiftLogNoOpLogHandler() }
            )
        )
        do {
            try await services.run()
        } catch is BrokenPipe {
            // Whoever read the lines has had enough, as `head` has: that is no failure.
        }
    }
}
