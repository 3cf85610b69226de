import ArgumentParser
import KafkaClient
import Logging
import Pipeline
import ServiceLifecycle

/// `hera topics tail`
struct TopicsTailCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tail",
        abstract: "Prints a topic's records as they come, one a line, until Ctrl-C.",
        discussion: """
            A record without a value (a tombstone) is printed as null. On a terminal what is not printable is escaped, \
            so that a record is one line and cannot command the terminal; in a pipe or a file its bytes stay as they \
            are, unless --escape is given. The group's offsets are not touched.
            """
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

    @Flag(help: "Print the headers, as name=value with commas between, and a tab before each key and value.")
    var headers = false

    @Flag(
        inversion: .prefixedNo,
        help: "Escape what is not printable, such as line breaks (default: on a terminal)."
    )
    var escape: Bool?

    @Flag(help: "Print each record as a JSON object: partition, offset, timestamp, headers, key, value.")
    var json = false

    func validate() throws {
        if let count, count < 1 { throw ValidationError("--count is \(count); it must be 1 or more.") }
        if json, key || headers || escape != nil {
            throw ValidationError("--json shows all of a record; leave out --key, --headers and --escape")
        }
    }

    func run() async throws {
        let console = TopicsConsole()
        var form = RecordLine()
        form.showsKeys = key
        form.showsHeaders = headers
        form.isEscaped = escape ?? StandardOutput.isTerminal
        form.isJSON = json
        var tail = TopicTail(name, client: try await cluster.client(), logger: console.logger) {
            try console.output.write($0)
        }
        tail.line = form
        tail.isFromBeginning = fromBeginning
        tail.countMax = count
        let services = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: tail, successTerminationBehavior: .gracefullyShutdownGroup)],
                gracefulShutdownSignals: StopSignals.graceful,
                logger: Logger(label: "services") { _ in SwiftLogNoOpLogHandler() }
            )
        )
        try await StopSignals.endingAtTheSecond { try await services.run() }
    }
}
