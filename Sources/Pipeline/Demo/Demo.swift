import Analysis
import Analyzer
import Audit
package import Community
import ConnectRuntime
import DataSource
import Foundation
import GroundTruth
import Ingestor
import KafkaClient
package import Logging
import PlainText
import Report
import Storage

/// One bounded run of the whole pipeline: generate, ingest, file, audit, analyze, report.
package struct Demo: Sendable {
    private let configuration: PipelineConfiguration
    private let paths: PipelinePaths
    private let community: CommunityConfiguration
    private let events: Int
    private let logger: Logger
    private let onProgress: @Sendable (DemoStage) throws -> Void
    private let onWork: @Sendable (_ stage: String, _ done: Int, _ total: Int) -> Void

    /// - Parameters:
    ///   - community: who is in it, and how good the records are.
    ///   - events: further events, of all three kinds.
    ///   - onProgress: told when a stage is done.
    ///   - onWork: told how far a stage is, some times a second.
    package init(
        _ configuration: PipelineConfiguration,
        community: CommunityConfiguration,
        events: Int,
        logger: Logger,
        onProgress: @escaping @Sendable (DemoStage) throws -> Void,
        onWork: @escaping @Sendable (_ stage: String, _ done: Int, _ total: Int) -> Void = { _, _, _ in }
    ) {
        self.configuration = configuration
        self.community = community
        self.events = events
        self.logger = logger
        self.onProgress = onProgress
        self.onWork = onWork
        paths = PipelinePaths(data: configuration.data)
    }

    /// Runs it; the directory then holds everything that came out.
    ///
    /// - Throws: what a stage failed with, ``DemoError`` where the audit does not hold.
    package func run() async throws -> DemoSummary {
        try await DemoDirectory(path: configuration.data).whileHeld {
            try await checkStorage()
            return try await runStages()
        }
    }

    /// A storage elsewhere is not emptied: what lies there may be anybody's.
    private func checkStorage() async throws {
        guard configuration.storage.url != nil else { return }
        let (location, storage) = (try configuration.storageLocation(), try configuration.fileSystem())
        for directory in [configuration.sink.topicsDirectory, configuration.sink.logsDirectory] {
            // The sink would wait for ever for a permission that it does not have.
            try await storage.createDirectory(StoragePath(directory))
            let entries = try await storage.pages(of: StoragePath(directory)).next()
            guard entries.isEmpty else { throw DemoError.storageInUse("\(location)/\(directory)") }
        }
    }

    private func runStages() async throws -> DemoSummary {
        let ingestor = Ingestor(configuration: try IngestorConfiguration(configuration), logger: logger)
        let truth = try await whileRunning(ingestor) {
            let bootstrap = try await ingestor.boundAddress.description
            let truth = try await sendAndFile(bootstrap)
            try await audit(bootstrap)
            return truth
        }
        let clock = ContinuousClock()
        var start = clock.now
        let analyzer = Analyzer(
            storage: try configuration.fileSystem(),
            topicsDirectory: configuration.sink.topicsDirectory
        )
        var result = try await analyzer.analyze(AnalysisOptions(configuration)) {
            onWork($0.stage.rawValue, $0.done, $0.total)
        }
        // The report is of this demo, and its reader may want to know what there was to find.
        result.analysis.input.notices += PlantedSummary(truth).notices
        try onProgress(.analyzed(users: result.analysis.population.users, took: start.duration(to: clock.now)))
        start = clock.now
        let files = try await ReportFiles.write(result, to: paths.report)
        try onProgress(.reported(path: files.page, took: start.duration(to: clock.now)))
        return DemoSummary(truth, report: ReportSummary(result.analysis, files))
    }

    /// Where the sink files. A week is a thousand files, and forcing each to this machine's disk takes longer than all the
    /// rest: what a power cut takes, the next demo makes again.
    private var sinkStorage: any FileSystem {
        get throws(StorageError) {
            switch try configuration.storageLocation() {
            case .directory(let path): LocalFileSystem(root: path, durability: .cached)
            case let location: try configuration.fileSystem(at: location)
            }
        }
    }

    /// The source sends while the sink files; the sink is stopped when it has read everything.
    private func sendAndFile(_ bootstrap: String) async throws -> GroundTruth {
        let clock = ContinuousClock()
        let start = clock.now
        let sink = try SinkStage(configuration, storage: sinkStorage, logger: logger)
        let runner = try sink.runner(bootstrap: bootstrap)
        let truth = try await whileRunning(runner) {
            let result = await makeSource(bootstrap).run()
            if let failure = result.failure { throw failure }
            try onProgress(
                .sent(
                    records: result.truth.acknowledgedCount,
                    perSecond: Int(result.recordsPerSecond),
                    took: result.elapsed
                )
            )
            try await untilRead(result.truth, by: runner, clock)
            return result.truth
        }
        try onProgress(
            .filed(
                records: truth.topics.reduce(0) { $0 + $1.acknowledged.valueCount },
                took: start.duration(to: clock.now)
            )
        )
        return truth
    }

    /// Looks a few times a second how far the sink is: a runner tells its state, it does not announce it.
    private func untilRead(_ truth: GroundTruth, by runner: SinkTaskRunner, _ clock: ContinuousClock) async throws {
        let wanted = Int64(truth.acknowledgedCount)
        while true {
            let status = runner.status
            if status.state == .failed { throw DemoError.sinkStopped(status.reason ?? "no reason is known") }
            if let failed = status.partitions.first(where: { $0.state == .failed }) {
                throw DemoError.sinkStopped(failed.reason ?? "no reason is known")
            }
            let position = status.partitions.reduce(0) { $0 + ($1.position ?? 0) }
            if position >= wanted { return }
            onWork("filing", Int(position), Int(wanted))
            try await clock.sleep(for: Self.lookInterval)
        }
    }

    private static let lookInterval = Duration.milliseconds(20)
    /// The events' times lie in a week, so that the report shows its days.
    private static let spanMilliseconds: Int64 = 7 * 86_400_000

    private func audit(_ bootstrap: String) async throws {
        let clock = ContinuousClock()
        let start = clock.now
        let local = LocalAudit(configuration, logger: logger) { onWork("auditing", Int($0.done), Int($0.total)) }
        let report = try await local.audit(bootstrap: bootstrap, isRunning: false)
        guard report.holds else { throw DemoError.auditFailed(report.text) }
        try onProgress(.audited(partitions: report.partitions.count, took: start.duration(to: clock.now)))
    }

    private func makeSource(_ bootstrap: String) -> DataSource<ContinuousClock> {
        var source = DataSourceConfiguration(
            community: community,
            producer: ProducerConfiguration(bootstrap: [bootstrap]),
            startedAtMilliseconds: WallClock.milliseconds()
        )
        source.timing = .spread(
            from: source.startedAtMilliseconds - Self.spanMilliseconds,
            spanMilliseconds: Self.spanMilliseconds
        )
        source.shape.curve = .weekly
        source.furtherRecords = events
        source.truthDirectory = paths.truth
        return DataSource(source, clock: ContinuousClock(), logger: logger) { progress in
            onWork("sending", progress.acknowledgedCount, progress.totalCount ?? 0)
        }
    }
}

/// Why a demo did not come to its end.
package struct DemoError: Error, CustomStringConvertible {
    package let description: String

    static func directoryInUse(_ path: String) -> DemoError {
        DemoError(
            description: "\(path) is not empty, and no demo made what is in it: a demo would mix its events with it; "
                + "give another directory, as in: hera demo --data hera-demo"
        )
    }

    static func storageInUse(_ directory: String) -> DemoError {
        DemoError(
            description:
                "\(directory) is not empty, and a demo would mix its events with what is there: remove it, or name "
                + "another directory with --storage"
        )
    }

    static func sinkStopped(_ reason: String) -> DemoError {
        DemoError(description: "the sink stopped before everything was filed: \(reason)")
    }

    static func auditFailed(_ text: String) -> DemoError {
        DemoError(description: "the audit found that not every record is accounted for:\n\(text)")
    }
}
