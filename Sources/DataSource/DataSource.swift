import Community
import GroundTruth
import KafkaClient
package import Logging
import ServiceLifecycle
import Synchronization

/// The source of the community's events: makes them and sends them to a Kafka cluster, the same ones for the same seed.
///
/// Graceful shutdown ends the making; what was made is still sent and awaited. Cancellation drops what is on its way.
/// Either way, and after every failure, the result and the file of the ground truth say what was acknowledged.
package struct DataSource<Time: Clock>: Sendable where Time.Duration == Duration {
    private let configuration: DataSourceConfiguration
    private let clock: Time
    private let logger: Logger
    private let onProgress: @Sendable (SourceProgress) -> Void

    /// - Parameters:
    ///   - clock: paces the run and measures it.
    ///   - onProgress: called a few times a second with how far the run is.
    package init(
        _ configuration: DataSourceConfiguration,
        clock: Time,
        logger: Logger,
        onProgress: @escaping @Sendable (SourceProgress) -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.clock = clock
        self.logger = logger
        self.onProgress = onProgress
    }

    /// Runs until all is sent and answered; an error is in the result, beside what was achieved.
    package func run() async -> SourceResult {
        var truth = GroundTruth(
            run: "source-\(configuration.startedAtMilliseconds)-\(configuration.community.seed)",
            configuration: configuration.community,
            startedAtMilliseconds: configuration.startedAtMilliseconds
        )
        truth.skippedCount = configuration.sentBefore.producedCount
        truth.bootID = configuration.bootID
        if let problem = configuration.problem {
            return unstarted(truth, .badConfiguration(problem), nil)
        }
        var file: TruthFile?
        if let directory = configuration.truthDirectory {
            do {
                file = try TruthFile(directory: directory, beginning: &truth)
            } catch {
                return unstarted(truth, .groundTruth(error), nil)
            }
        }
        let layout: PartitionLayout
        do {
            let topics = try await findTopics()
            layout = PartitionLayout(
                partitionCounts: topics.map(\.partitionCount),
                parallelism: configuration.parallelism
            )
            for (topic, found) in zip(CommunityTopic.allCases, topics) { truth[topic].topicID = found.id }
        } catch {
            return unstarted(truth, error, file)
        }
        // Before anything is sent: where the process dies, it must be known which topics it sent to.
        do throws(GroundTruthError) {
            try file?.write(truth)
        } catch {
            return unstarted(truth, .groundTruth(error), file)
        }
        do throws(DataSourceError) {
            try await truthTopic?.begin(truth)
        } catch {
            return unstarted(truth, error, file)
        }
        return await finish(run(truth, file, layout))
    }

    /// The topic that the ground truth is written to; `nil`: none.
    private var truthTopic: TruthTopic? {
        configuration.truthTopic.map { TruthTopic(name: $0, producer: configuration.producer, logger: logger) }
    }

    /// Writes the result's ground truth to its topic; not where the cluster is gone, which would only take time.
    private func finish(_ result: SourceResult) async -> SourceResult {
        guard let truthTopic, result.failure?.code != .cluster else { return result }
        do throws(DataSourceError) {
            try await truthTopic.end(result.truth)
            return result
        } catch {
            // What went wrong before matters more.
            return result.failing(with: error)
        }
    }

    private func run(_ truth: GroundTruth, _ file: TruthFile?, _ layout: PartitionLayout) async -> SourceResult {
        // Where the producers fail, what they did must still be known: it is left here.
        let outcome = Mutex<SourceRun<Time>?>(nil)
        let elapsed = Mutex(Duration.zero)
        var producerFailure: DataSourceError?
        do {
            let metrics = configuration.metrics
            try await withProducers(
                layout.laneCount,
                configuration.producer,
                logger: logger,
                statistics: { metrics?.reporting(of: $0) }
            ) { producers in
                var run = SourceRun(
                    plan: SourcePlan(
                        total: configuration.totalRecords,
                        duration: configuration.duration,
                        pace: configuration.pace
                    ),
                    maker: RoundMaker(
                        configuration.community,
                        after: configuration.sentBefore,
                        layout: layout,
                        times: configuration.times,
                        isDetailed: configuration.isDetailed
                    ),
                    ledger: SettlementLedger(truth, isDetailed: configuration.isDetailed),
                    producers: producers,
                    clock: clock,
                    startedAtMilliseconds: configuration.startedAtMilliseconds,
                    totalCount: configuration.totalRecords,
                    onProgress: onProgress
                )
                if let metrics {
                    await metrics.record(producers: producers.count, clock: clock) {
                        await run.run()
                        elapsed.withLock { [time = run.elapsed] in $0 = time }
                    }
                } else {
                    await run.run()
                    elapsed.withLock { [time = run.elapsed] in $0 = time }
                }
                outcome.withLock { [run] in $0 = run }
            }
        } catch let error as KafkaClientError {
            producerFailure = .cluster(error)
        } catch {
            producerFailure = DataSourceError(code: .cluster, description: "\(error)")
        }
        guard let run = outcome.withLock({ $0 }) else {
            return unstarted(truth, producerFailure ?? .badConfiguration("no producer could be made"), file)
        }
        return conclude(run, elapsed: elapsed.withLock { $0 }, producerFailure: producerFailure, file)
    }

    private func conclude(
        _ run: SourceRun<Time>,
        elapsed: Duration,
        producerFailure: DataSourceError?,
        _ file: TruthFile?
    ) -> SourceResult {
        var failure = run.ledger.failure.map { error in
            error.code == .brokersUnreachable
                ? .cluster(error) : DataSourceError.notAcknowledged(error, count: run.ledger.failedCount)
        }
        failure = failure ?? producerFailure
        if failure == nil, let topic = run.ledger.recorder.contradictions.first {
            failure = .contradiction(in: topic)
        }
        var truth = run.ledger.recorder.truth(
            accounts: run.maker.generator.accounts,
            personas: run.maker.generator.personas,
            without: run.maker.sumsOutsideRounds
        )
        truth.skippedCount = run.maker.passed.count
        failure = failure ?? configuration.metrics?.failure
        let crashedRuns = configuration.sentBefore.crashedRuns
        if run.maker.passed.countLeft == 0, !crashedRuns.isEmpty { truth.crashedRunsPassed = crashedRuns }
        truth.outcome = failure != nil ? .failed : run.plan.ending == .stopped ? .interrupted : .completed
        return finish(truth, failure, file, elapsed: elapsed, latency: run.ledger.latency)
    }

    private func unstarted(_ truth: GroundTruth, _ failure: DataSourceError, _ file: TruthFile?) -> SourceResult {
        var truth = truth
        truth.outcome = .failed
        return finish(truth, failure, file, elapsed: .zero, latency: AcknowledgementLatency())
    }

    private func finish(
        _ truth: GroundTruth,
        _ failure: DataSourceError?,
        _ file: TruthFile?,
        elapsed: Duration,
        latency: AcknowledgementLatency
    ) -> SourceResult {
        var truth = truth
        var failure = failure
        truth.failure = failure?.description
        let milliseconds = elapsed.components.seconds * 1_000 + elapsed.components.attoseconds / 1_000_000_000_000_000
        truth.endedAtMilliseconds = configuration.startedAtMilliseconds + milliseconds
        do {
            try file?.write(truth)
        } catch {
            // What went wrong before matters more.
            failure = failure ?? .groundTruth(error)
        }
        return SourceResult(
            truth: truth,
            truthPath: file?.path,
            elapsed: elapsed,
            latency: latency,
            failure: failure
        )
    }
}

extension DataSource {
    /// What the cluster says of a topic.
    private struct FoundTopic {
        let partitionCount: Int
        /// `nil` if the broker does not say.
        let id: String?
    }

    /// Asks the cluster for the topics of `CommunityTopic.allCases`, in that order.
    ///
    /// - Throws: it cannot be reached, or a topic is not there. None is created: with a
    ///   misspelled address, topics would be left on another cluster.
    private func findTopics() async throws(DataSourceError) -> [FoundTopic] {
        do {
            return try await withAdmin(configuration.producer.client, logger: logger) { admin in
                let topics = try await admin.topics()
                let ids = (try? await admin.topicIDs(of: Set(CommunityTopic.allCases.map(\.name)))) ?? [:]
                var found: [FoundTopic] = []
                for topic in CommunityTopic.allCases {
                    let count = topics.first { $0.name == topic.name }?.partitions.count ?? 0
                    guard count > 0 else {
                        throw DataSourceError.missingTopic(
                            topic.name,
                            bootstrap: configuration.producer.client.bootstrap
                        )
                    }
                    found.append(FoundTopic(partitionCount: count, id: ids[topic.name]))
                }
                return found
            }
        } catch let error as KafkaClientError {
            throw .cluster(error)
        } catch let error as DataSourceError {
            throw error
        } catch {
            throw DataSourceError(code: .cluster, description: "\(error)")
        }
    }
}

/// A run of the source as a service: graceful shutdown ends it, and its result can be asked for then.
package final class SourceService<Time: Clock>: Service where Time.Duration == Duration {
    private let source: DataSource<Time>
    private let outcome = Mutex<SourceResult?>(nil)

    package init(_ source: DataSource<Time>) {
        self.source = source
    }

    /// What the run did; `nil` before it has ended.
    package var result: SourceResult? { outcome.withLock { $0 } }

    /// Runs once.
    ///
    /// - Throws: `DataSourceError`, what is in the result too.
    package func run() async throws {
        let result = await source.run()
        outcome.withLock { $0 = result }
        if let failure = result.failure { throw failure }
    }
}
