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

    @Option(help: ArgumentHelp("The storage's root, with --bootstrap.", valueName: "dir"))
    var storage: String?

    @Option(help: ArgumentHelp("Ground truth of the source's runs, with --bootstrap.", valueName: "dir"))
    var truth: String?

    @OptionGroup var properties: ClientPropertyOptions

    @Flag(help: "Print the whole report as JSON.")
    var json = false

    @Flag(help: "Print nothing; the exit status is the answer.")
    var quiet = false

    func validate() throws {
        guard (bootstrap == nil) == (storage == nil) else {
            throw ValidationError("--bootstrap and --storage go together: the topics, and the files made of them")
        }
        if let bootstrap, BrokerAddresses(bootstrap) == nil {
            throw ValidationError("--bootstrap is '\(bootstrap)'; it has to be HOST:PORT,…")
        }
        if bootstrap != nil, options.data != nil {
            throw ValidationError("give either --data, or --bootstrap and --storage")
        }
        if bootstrap == nil, !properties.properties.isEmpty {
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
        try TextRule.path.check(option, path)
        guard let path, !FileManager.default.fileExists(atPath: path) else { return }
        throw ValidationError("\(option) \(path): there is no such directory")
    }

    func run() async throws {
        let report = try await audit()
        if !quiet {
            if json {
                try StandardOutput().say(json: report)
            } else {
                try StandardOutput().write(Array(report.text.utf8))
            }
        }
        if !report.holds { throw ExitCode.failure }
    }

    private func audit() async throws -> AuditReport {
        var logger = Logger(label: "audit")
        logger.logLevel = .warning
        let configuration = try await options.load(isQuiet: quiet)
        let line = ProgressLine(isQuiet: quiet || json)
        defer { line.clear() }
        let onProgress: @Sendable (AuditProgress) -> Void = { progress in
            line.show("audit", done: Int(progress.done), of: Int(progress.total))
        }
        guard let bootstrap, let storage else {
            return try await LocalAudit(configuration, logger: logger, onProgress: onProgress).run()
        }
        let client = ClientConfiguration(
            bootstrap: BrokerAddresses(bootstrap)?.list ?? [],
            properties: properties.properties(over: configuration)
        )
        var audit = try configuration.audit(client: client, storage: LocalFileSystem(path: storage))
        audit.truthDirectory = truth
        audit.onProgress = onProgress
        return try await Auditor(audit, logger: logger).run()
    }
}
