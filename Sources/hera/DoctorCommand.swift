import ArgumentParser
import Ingestor
import Pipeline

/// `hera doctor`: finds what is wrong, and says how to mend it.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Finds what is wrong with the way to a Kafka cluster.",
        subcommands: [DoctorKafkaCommand.self]
    )
}

/// `hera doctor kafka`
struct DoctorKafkaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kafka",
        abstract: "Walks the way of a client to a Kafka cluster, and names the hop that fails and its cure.",
        discussion: """
            A Kafka client first connects to the address that it was given, then to the ones that the cluster tells it. \
            Each name is resolved, each address connected to, each broker asked for its calls and its cluster, by any \
            Kafka of version 0.10 or later. The way is walked without TLS and without a login: where the cluster asks \
            for them, it says so and ends there. Exit status 0 where every node is reached, 1 where one is not.
            """
    )

    @Argument(
        help: ArgumentHelp(
            "Where to start (default: client.bootstrap.servers, else where ingestor.listen has it).",
            valueName: "host:port"
        )
    )
    var address: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("The time that each hop may take.", valueName: "s"))
    var timeout = 5

    @OptionGroup var file: ConfigurationFileOption

    @Flag(help: "Print JSON instead of lines.")
    var json = false

    func validate() throws {
        try (1...600).check("--timeout", timeout)
        if let address, Self.place(address) == nil {
            throw ValidationError("'\(address)' is not HOST:PORT")
        }
    }

    func run() async throws {
        let configured = try await file.load(isQuiet: json).clientBootstrap
        let start = address ?? String(configured.prefix { $0 != "," })
        guard let place = Self.place(start) else {
            throw ValidationError("client.bootstrap.servers begins with '\(start)'; it has to be HOST:PORT")
        }
        let report = await RouteDoctor(seconds: timeout).walk(from: place)
        try json ? StandardOutput().say(json: report) : StandardOutput().say(report.text)
        if !report.isWell { throw ExitCode.failure }
    }

    private static func place(_ text: String) -> ListenAddress? {
        ListenAddress(text).flatMap { $0.port > 0 ? $0 : nil }
    }
}
