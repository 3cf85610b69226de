import ArgumentParser
import Audit
import Foundation
import KafkaClient
import Logging
import Pipeline
import Storage

/// `hera audit`: proves that what was produced is filed, filtered, dead-lettered or in flight, and nothing twice.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Proves that every record is filed, filtered, dead-lettered or in flight, and none twice.",
        discussion: """
            With --data it audits the pipeline of this machine, whether it runs or not, and holds the source's ground \
            truth against the files as well. With --bootstrap and --storage it audits any Kafka and the storage behind \
            it. Where the books do not balance it names the place, and ends with exit status 1.
            """
    )

    @OptionGroup var options: ConfigurationOptions

    @Option(help: ArgumentHelp("Brokers to start from, instead of --data.", valueName: "host:port,…"))
    var bootstrap: String?

    @Option(
        name: .customShort("X"),
        help: ArgumentHelp(
            "A property of librdkafka, with --bootstrap, for example security.protocol=ssl; may be given again.",
            valueName: "name=value"
        )
    )
    var properties: [String] = []

    @Option(help: ArgumentHelp("The storage's root, with --bootstrap.", valueName: "dir"))
    var storage: String?

    @Option(help: ArgumentHelp("Ground truth of the source's runs, with --bootstrap.", valueName: "dir"))
    var truth: String?

    @Flag(help: "Print the whole report as JSON.")
    var json = false

    @Flag(help: "Print nothing; the exit status is the answer.")
    var quiet = false

    func validate() throws {
        guard (bootstrap == nil) == (storage == nil) else {
            throw ValidationError("--bootstrap and --storage go together: the topics, and the files made of them")
        }
        if bootstrap != nil, options.data != nil {
            throw ValidationError("give either --data, or --bootstrap and --storage")
        }
        for property in properties where BootstrapOptions.pair(property) == nil {
            // The value may be a secret: it is not repeated.
            throw ValidationError("-X wants NAME=VALUE.")
        }
        if bootstrap == nil, !properties.isEmpty {
            throw ValidationError("-X goes with --bootstrap; the pipeline of --data is asked without")
        }
        try check("--storage", storage)
        try check("--truth", truth)
        if truth != nil, bootstrap == nil {
            throw ValidationError("--truth goes with --bootstrap; with --data the pipeline's own truth is taken")
        }
    }

    /// A mistyped directory would look like one in which nothing was filed yet.
    private func check(_ option: String, _ path: String?) throws {
        guard let path, !FileManager.default.fileExists(atPath: path) else { return }
        throw ValidationError("\(option) \(path): there is no such directory")
    }

    func run() async throws {
        let report = try await audit()
        if !quiet {
            if json {
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
                print(String(decoding: try encoder.encode(report), as: UTF8.self))
            } else {
                print(report.text, terminator: "")
            }
        }
        if !report.holds { throw ExitCode.failure }
    }

    private func audit() async throws -> AuditReport {
        var logger = Logger(label: "audit")
        logger.logLevel = .warning
        let configuration = try await options.load()
        guard let bootstrap, let storage else {
            return try await LocalAudit(configuration, logger: logger).run()
        }
        let client = ClientConfiguration(
            bootstrap: bootstrap.split(separator: ",").map(String.init),
            properties: Dictionary(properties.compactMap(BootstrapOptions.pair)) { _, last in last }
        )
        var audit = try configuration.audit(client: client, storage: LocalFileSystem(path: storage))
        audit.truthDirectory = truth
        return try await Auditor(audit, logger: logger).run()
    }
}
