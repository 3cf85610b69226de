import Community
import KafkaClient
package import Logging
import ServiceLifecycle
import Synchronization

/// Measures how many records a Kafka cluster takes, with one setting after the other.
///
/// Its time is bounded: no step begins that would not end within the limit, and what is on its way at the end of a step
/// is dropped. So is its room: of its own topic, which it makes and removes, each step's records are deleted behind it.
package struct PerformanceTest<Time: Clock>: Sendable where Time.Duration == Duration {
    private let configuration: PerformanceConfiguration
    private let clock: Time
    private let logger: Logger
    private let onStep: @Sendable (_ step: Int, _ count: Int) -> Void

    /// - Parameter onStep: called before each step with its number, from 0, and at the end.
    package init(
        _ configuration: PerformanceConfiguration,
        clock: Time,
        logger: Logger,
        onStep: @escaping @Sendable (_ step: Int, _ count: Int) -> Void = { _, _ in }
    ) {
        self.configuration = configuration
        self.clock = clock
        self.logger = logger
        self.onStep = onStep
    }

    /// Runs all steps. Graceful shutdown and cancellation end it: the report then has the steps that were measured.
    ///
    /// - Throws: the configuration makes no sense, the cluster cannot be asked, or has no such topic. What a step fails
    ///   with is in the report.
    package func run() async throws(DataSourceError) -> PerformanceReport {
        if let problem = configuration.problem {
            throw DataSourceError(code: .badConfiguration, description: "cannot measure: \(problem)")
        }
        do {
            return try await withAdmin(configuration.client, logger: logger) { admin in
                if let topic = configuration.topic {
                    let partitions = try await partitionCount(of: topic, admin)
                    return await measure(topic, partitions, admin: nil)
                }
                let topic = "hera-perf-\(configuration.startedAtMilliseconds)"
                let partitions = configuration.partitions
                try await admin.createTopic(NewTopic(name: topic, partitions: Int32(partitions)))
                let report = await measure(topic, partitions, admin: admin)
                guard let left = await remove(topic, admin) else { return report }
                return report.leaving(left)
            }
        } catch let error as KafkaClientError {
            throw .cluster(error)
        } catch let error as DataSourceError {
            throw error
        } catch {
            throw DataSourceError(code: .cluster, description: "\(error)")
        }
    }

    /// Asking for a topic in the list of all does not make it.
    private func partitionCount(of topic: String, _ admin: KafkaAdmin) async throws -> Int {
        let found = try await admin.topics().first { $0.name == topic }
        guard let found, !found.partitions.isEmpty else {
            throw DataSourceError.missingTopic(topic, bootstrap: configuration.client.bootstrap)
        }
        return found.partitions.count
    }

    /// - Parameter admin: deletes what each step sent; `nil`: it stays.
    private func measure(
        _ topic: String,
        _ partitions: Int,
        admin: KafkaAdmin?
    ) async -> PerformanceReport {
        let steps = configuration.steps
        let begin = clock.now
        let stepTime = configuration.warmUp + configuration.duration
        var measurements: [PerformanceMeasurement] = []
        var stop = PerformanceReport.Stop?.none
        for (number, settings) in steps.enumerated() {
            if Task.isCancelled || Task.isShuttingDownGracefully {
                stop = .told
                break
            }
            if begin.duration(to: clock.now) + stepTime > configuration.timeLimit {
                stop = .timeLimit
                break
            }
            onStep(number, steps.count)
            let step = PerformanceStep(
                settings: settings,
                configuration: configuration,
                clock: clock,
                logger: logger
            )
            guard let measurement = await step.measure(topic: topic) else {
                stop = .told
                break
            }
            measurements.append(measurement)
            if let admin { await empty(topic, admin) }
        }
        onStep(steps.count, steps.count)
        return PerformanceReport(
            bootstrap: configuration.client.bootstrap,
            topic: topic,
            partitions: partitions,
            elapsed: begin.duration(to: clock.now),
            stepsLeftOut: steps.count - measurements.count,
            stop: stop,
            measurements: measurements
        )
    }

    /// Deletes what is in the test's own topic. A broker that cannot do it keeps it until the topic goes.
    private func empty(_ topic: String, _ admin: KafkaAdmin) async {
        do {
            try await admin.apply(try await admin.recordDeletion(of: TopicSelection(topic: topic), before: .latest))
        } catch {
            logger.debug("the records of a step stay for now", metadata: ["source.error": "\(error)"])
        }
    }

    /// Removes the test's own topic, also where this task is cancelled: a task of its own does not inherit that.
    ///
    /// - Returns: why the topic is still there; `nil` where it is not.
    private func remove(_ topic: String, _ admin: KafkaAdmin) async -> String? {
        await Task {
            do throws(KafkaClientError) {
                return try await admin.deleteTopics([topic])[topic]?.description
            } catch {
                return error.description
            }
        }.value
    }
}

/// A performance test as a service: graceful shutdown ends it, and its report can be asked for then.
package final class PerformanceService<Time: Clock>: Service where Time.Duration == Duration {
    private let test: PerformanceTest<Time>
    private let outcome = Mutex<PerformanceReport?>(nil)

    package init(_ test: PerformanceTest<Time>) {
        self.test = test
    }

    /// What was measured; `nil` before the test has ended.
    package var report: PerformanceReport? { outcome.withLock { $0 } }

    /// Runs once.
    ///
    /// - Throws: `DataSourceError`.
    package func run() async throws {
        let report = try await test.run()
        outcome.withLock { $0 = report }
    }
}
