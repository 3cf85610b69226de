import CRdKafka
import KafkaClient
import Logging
import PipelineTesting
import ServiceLifecycle
import Synchronization
import Testing

@testable import DataSource

/// Whole performance tests against librdkafka's mock cluster, which makes no topics on request.
@Suite(.timeLimit(.minutes(15))) struct PerformanceTestTests {
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func configuration(_ kafka: MockCluster) -> PerformanceConfiguration {
        var configuration = PerformanceConfiguration(
            client: ClientConfiguration(bootstrap: kafka.bootstrap),
            startedAtMilliseconds: 7
        )
        configuration.topic = "perf"
        configuration.producers = [1, 2]
        configuration.duration = .seconds(1)
        configuration.timeLimit = .seconds(4)
        return configuration
    }

    private func cluster() throws -> MockCluster {
        let kafka = try MockCluster()
        try kafka.create("perf", partitions: 2)
        return kafka
    }

    @Test func everyStepIsMeasured() async throws {
        let kafka = try cluster()
        let steps = Mutex<[Int]>([])
        let report = try await PerformanceTest(
            configuration(kafka),
            clock: SteppingClock(),
            logger: logger,
            onStep: { step, _ in steps.withLock { $0.append(step) } }
        ).run()
        #expect(report.steps.map(\.settings.producers) == [1, 2])
        #expect(report.steps.map(\.failure) == [nil, nil])
        #expect(report.steps.map(\.elapsedSeconds) == [1, 1])
        #expect(report.topic == "perf")
        #expect(report.partitions == 2)
        #expect(report.stepsLeftOut == 0)
        #expect(report.stop == nil)
        #expect(!report.hasFailures)
        #expect(steps.withLock { $0 } == [0, 1, 2])
    }

    @Test func stepThatDoesNotFitTheTimeLimitIsLeftOut() async throws {
        let kafka = try cluster()
        let clock = SteppingClock(stall: .seconds(3))
        let report = try await PerformanceTest(configuration(kafka), clock: clock, logger: logger).run()
        #expect(report.steps.count == 1)
        #expect(report.stepsLeftOut == 1)
        #expect(report.stop == .timeLimit)
    }

    @Test func missingTopicIsNamed() async throws {
        let kafka = try MockCluster()
        await #expect {
            try await PerformanceTest(configuration(kafka), clock: SteppingClock(), logger: logger).run()
        } throws: { error in
            "\(error)".contains("has no topic 'perf'")
        }
    }

    /// The clock stands still, so only the refusal ends the step.
    @Test func refusedRecordEndsItsStepAndTheNextOneIsMeasured() async throws {
        let kafka = try cluster()
        var configuration = configuration(kafka)
        configuration.producers = [1]
        configuration.acknowledgements = [.leader]
        kafka.fail(.produce, with: Array(repeating: RD_KAFKA_RESP_ERR_INVALID_RECORD, count: 100))
        let report = try await PerformanceTest(configuration, clock: StandingClock(), logger: logger).run()
        #expect(report.hasFailures)
        #expect(report.steps[0].failure?.contains("INVALID_RECORD") == true, "\(report.steps)")
    }

    @Test func gracefulShutdownEndsAStep() async throws {
        let kafka = try cluster()
        let running = AsyncStream<Void>.makeStream()
        let test = PerformanceTest(
            configuration(kafka),
            clock: StandingClock(),
            logger: logger,
            onStep: { _, _ in running.continuation.yield() }
        )
        let service = PerformanceService(test)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: service, successTerminationBehavior: .gracefullyShutdownGroup)],
                logger: logger
            )
        )
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            for await _ in running.stream { break }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        let report = try #require(service.report)
        #expect(report.steps.isEmpty)
        #expect(report.stop == .told)
        #expect(report.stepsLeftOut == 2)
    }

    @Test func clusterThatIsNotThereIsSaid() async throws {
        var configuration = PerformanceConfiguration(
            client: ClientConfiguration(bootstrap: ["127.0.0.1:1"]),
            startedAtMilliseconds: 7
        )
        configuration.duration = .seconds(1)
        await #expect {
            try await PerformanceTest(configuration, clock: SteppingClock(), logger: logger).run()
        } throws: { error in
            "\(error)".contains("127.0.0.1:1")
        }
    }
}

/// A clock that stands still: who sleeps is woken by cancellation alone.
private final class StandingClock: Clock, Sendable {
    typealias Instant = SteppingClock.Instant

    var now: Instant { Instant(sinceStart: .zero) }
    var minimumResolution: Duration { .nanoseconds(1) }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let (stream, end) = AsyncStream<Void>.makeStream()
        for await _ in stream {}
        end.finish()
        try Task.checkCancellation()
    }
}
