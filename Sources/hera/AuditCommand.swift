import ArgumentParser
import Audit
import Logging
import Pipeline

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

    @OptionGroup var place: PlaceOptions

    @Option(help: ArgumentHelp("Ground truth of the source's runs, with --bootstrap.", valueName: "dir"))
    var truth: String?

    @Flag(help: "Print the whole report as JSON.")
    var json = false

    @Flag(help: "Print nothing; the exit status is the answer.")
    var quiet = false

    func validate() throws {
        try PlaceOptions.check("--truth", truth)
        if truth != nil, place.bootstrap == nil {
            throw ValidationError("--truth goes with --bootstrap; with --data the pipeline's own truth is taken")
        }
    }

    func run() async throws {
        let configuration = try await place.load(isQuiet: quiet)
        let report = try await place.audit(configuration, truth: truth, isQuiet: quiet || json)
        if !quiet {
            // A reader that goes changes nothing about the answer.
            try json ? StandardOutput().say(json: report) : StandardOutput().say(report.text)
        }
        if !report.holds { throw ExitCode.failure }
    }
}

extension PlaceOptions {
    /// Audits this place.
    ///
    /// - Parameter truth: the directory of the source's ground truth, with --bootstrap.
    func audit(_ configuration: PipelineConfiguration, truth: String?, isQuiet: Bool) async throws -> AuditReport {
        var logger = Logger(label: "audit")
        logger.logLevel = .warning
        let line = ProgressLine(isQuiet: isQuiet)
        defer { line.clear() }
        let onProgress: @Sendable (AuditProgress) -> Void = { progress in
            line.show("audit", done: Int(progress.done), of: Int(progress.total))
        }
        guard let (client, storage) = try cluster(configuration) else {
            return try await LocalAudit(configuration, logger: logger, onProgress: onProgress).run()
        }
        var audit = try configuration.audit(client: client, storage: storage)
        audit.supplement = try truth.map { try CommunityTruth(directory: $0) }
        audit.onProgress = onProgress
        return try await Auditor(audit, logger: logger).run()
    }
}
