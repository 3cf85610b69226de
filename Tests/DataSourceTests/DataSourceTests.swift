import CRdKafka
import Community
import GroundTruth
import KafkaClient
import Logging
import PipelineTesting
import ServiceLifecycle
import Synchronization
import Testing

@testable import DataSource

/// Whole runs against librdkafka's mock cluster.
@Suite(.timeLimit(.minutes(15))) struct DataSourceTests {
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func cluster(topics: [CommunityTopic] = CommunityTopic.allCases) throws -> MockCluster {
        let cluster = try MockCluster()
        for topic in topics { try cluster.create(topic.name, partitions: 2) }
        return cluster
    }

    private func configuration(_ kafka: MockCluster, initialSize: Int = 300, further: Int? = 1_000)
        -> DataSourceConfiguration
    {
        var configuration = DataSourceConfiguration(
            community: CommunityConfiguration(seed: 5, initialSize: initialSize),
            producer: ProducerConfiguration(bootstrap: kafka.bootstrap),
            startedAtMilliseconds: 1_616_580_000_000
        )
        configuration.furtherRecords = further
        return configuration
    }

    private func run(
        _ configuration: DataSourceConfiguration,
        onProgress: @escaping @Sendable (SourceProgress) -> Void = { _ in }
    ) async -> SourceResult {
        await DataSource(configuration, clock: ContinuousClock(), logger: logger, onProgress: onProgress).run()
    }

    /// What the cluster has is what the ground truth says, and its two ways of counting agree.
    private func expectTrue(_ truth: GroundTruth, in kafka: MockCluster) throws {
        for topic in CommunityTopic.allCases {
            let counts = try kafka.recordCounts(of: topic.name, partitions: 2)
            let acknowledged = truth[topic].acknowledgedByPartition
            #expect(acknowledged + Array(repeating: 0, count: counts.count - acknowledged.count) == counts)
            #expect(truth[topic].acknowledged.count == counts.reduce(0, +))
        }
        let earned = truth.users.reduce(0) { $0 + $1.sums.earnedHundredths }
        #expect(truth[.behaviours].acknowledged.hundredths == earned)
        let spent = truth.users.reduce(0) { $0 + $1.sums.spentHundredths }
        #expect(truth[.prizes].acknowledged.hundredths == spent)
    }

    @Test func everyRecordArrivesAndTheTruthSaysSo() async throws {
        let kafka = try cluster()
        let result = await run(configuration(kafka))
        #expect(result.failure == nil)
        #expect(result.truth.outcome == .completed)
        #expect(result.truth.acknowledgedCount == 300 * 6 + 1_000)
        #expect(result.latency.count == 300 * 6 + 1_000)
        #expect(try #require(result.latency.percentile(99.9)) > .zero)
        #expect(result.recordsPerSecond > 0)
        try expectTrue(result.truth, in: kafka)
    }

    /// Hours, bad records and digests are told where a ground truth is written, and add up to what was acknowledged.
    @Test(arguments: [RecordTiming.sending, .spread(from: 1_616_371_200_000, spanMilliseconds: 86_400_000)])
    func aWrittenTruthTellsEverything(_ timing: RecordTiming) async throws {
        let kafka = try cluster()
        try await withTemporaryDirectory { directory in
            var configuration = configuration(kafka)
            configuration.truthDirectory = "\(directory)"
            configuration.timing = timing
            configuration.community.personas = 2
            configuration.community.dirt = try #require(DirtShares(DirtShares.realistic.mapValues { $0 * 5 }))
            let result = await run(configuration)
            #expect(result.failure == nil)
            let path = try #require(result.truthPath)
            #expect(try GroundTruth.read(from: path) == result.truth)
            for topic in CommunityTopic.allCases {
                let own = result.truth[topic]
                var sum = own.undated ?? RecordTotals()
                for hour in result.truth.hours where hour.topic == topic { sum += hour.acknowledged }
                #expect(sum == own.acknowledged)
                #expect(own.digests?.reduce(0) { $0 + $1.count } == own.acknowledged.valueCount)
                #expect((own.dirt ?? []).count > 5)
            }
            if timing != .sending {
                let hours = result.truth.hours.map { Int64($0.hour) * 3_600_000 - 1_616_371_200_000 }
                #expect(Set(hours.filter { $0 >= 0 }).count == 24)
            }
            #expect(result.truth.users.count == result.truth.users.count { $0.persona != nil })
        }
    }

    @Test(arguments: [2, 6])
    func parallelismChangesNothingButTheSpeed(_ parallelism: Int) async throws {
        let kafka = [try cluster(), try cluster()]
        var single = configuration(kafka[0])
        single.parallelism = 1
        let one = await run(single)
        var parallel = configuration(kafka[1])
        parallel.parallelism = parallelism
        let other = await run(parallel)
        #expect(one.failure == nil)
        #expect(other.failure == nil)
        try expectTrue(other.truth, in: kafka[1])
        #expect(other.truth.topics == one.truth.topics)
        #expect(other.truth.users == one.truth.users)
    }

    /// By user: what all these runs acknowledged.
    private func sums(_ results: [SourceResult]) -> [String: TokenSums] {
        results.flatMap(\.truth.users).reduce(into: [:]) { $0[$1.id, default: TokenSums()] += $1.sums }
    }

    @Test func aRunAfterACrashSendsWhatIsMissingAndCountsOnlyThat() async throws {
        let kafka = [try cluster(), try cluster()]
        let first = await run(configuration(kafka[0], further: 500))
        var configuration = configuration(kafka[0], further: 1_500)
        // As if nothing were known of the first run but what is in the topics.
        configuration.sentBefore = SentRecords(
            countsByPartition: try CommunityTopic.allCases.map {
                try kafka[0].recordCounts(of: $0.name, partitions: 2)
            },
            crashedRuns: ["crashed"]
        )
        let second = await run(configuration)
        #expect(second.failure == nil)
        #expect(second.truth.skippedCount == 300 * 6 + 500)
        #expect(second.truth.acknowledgedCount == 300 * 6 + 1_500)
        #expect(second.truth.crashedRunsPassed == ["crashed"])
        let whole = await run(self.configuration(kafka[1], further: 500 + 300 * 6 + 1_500))
        for topic in CommunityTopic.allCases {
            let counts = try kafka.map { try $0.recordCounts(of: topic.name, partitions: 2) }
            #expect(counts[0] == counts[1])
        }
        #expect(sums([first, second]) == sums([whole]))
    }

    @Test func aRunThatEndsBeforeItHasMetAllThatACrashLeftNamesNoCrash() async throws {
        let kafka = try cluster()
        var configuration = configuration(kafka, initialSize: 20, further: 0)
        configuration.sentBefore = SentRecords(
            countsByPartition: [[1_000, 0], [0, 0], [0, 0]],
            crashedRuns: ["crashed"]
        )
        let result = await run(configuration)
        #expect(result.failure == nil)
        #expect(result.truth.crashedRunsPassed == nil)
    }

    @Test func theGroundTruthIsInItsFile() async throws {
        try await withTemporaryDirectory { directory in
            let kafka = try cluster()
            var configuration = configuration(kafka)
            configuration.truthDirectory = "\(directory)/truth"
            let first = await run(configuration)
            let path = try #require(first.truthPath)
            #expect(try GroundTruth.read(from: path) == first.truth)
            #expect(path == "\(directory)/truth/source-1616580000000-5.json")
            let second = await run(configuration)
            #expect(try GroundTruth.paths(in: "\(directory)/truth") == [second.truthPath, path].compactMap(\.self))
        }
    }

    @Test func aTruthDirectoryThatCannotBeStopsTheRunBeforeItSends() async throws {
        let kafka = try cluster()
        var configuration = configuration(kafka)
        configuration.truthDirectory = "/dev/null/truth"
        let result = await run(configuration)
        #expect(result.failure?.code == .groundTruth)
        #expect(try kafka.recordCounts(of: CommunityTopic.users.name, partitions: 2) == [0, 0])
    }

    @Test func aMissingTopicIsNamedAndNotCreated() async throws {
        let kafka = try cluster(topics: [.users, .behaviours])
        // Else the mock creates it when it is asked for it.
        kafka.set(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, on: CommunityTopic.prizes.name)
        let result = await run(configuration(kafka))
        #expect(result.failure?.code == .cluster)
        #expect(result.failure?.description.contains("no topic 'premi'") == true)
        #expect(result.truth.outcome == .failed)
        #expect(try kafka.recordCounts(of: CommunityTopic.users.name, partitions: 2) == [0, 0])
    }

    @Test func anUnreachableBrokerIsExplained() async throws {
        // Nothing listens on port 1, and only root may.
        let community = CommunityConfiguration(initialSize: 1)
        try await withTemporaryDirectory { directory in
            var configuration = DataSourceConfiguration(
                community: community,
                producer: ProducerConfiguration(bootstrap: ["127.0.0.1:1"]),
                startedAtMilliseconds: 0
            )
            configuration.truthDirectory = "\(directory)"
            let result = await run(configuration)
            #expect(result.failure?.code == .cluster)
            #expect(result.failure?.description.contains("127.0.0.1:1") == true)
            let path = try #require(result.truthPath)
            #expect(try GroundTruth.read(from: path).outcome == .failed)
        }
    }

    @Test func aRefusedRecordEndsTheRunAndIsLeftOutOfTheTruth() async throws {
        let kafka = try cluster()
        kafka.fail(.produce, with: [RD_KAFKA_RESP_ERR_INVALID_RECORD])
        let result = await run(configuration(kafka, further: nil))
        #expect(result.failure?.code == .notAcknowledged)
        #expect(result.truth.outcome == .failed)
        #expect(result.truth.failure == result.failure?.description)
        #expect(result.truth.rejectedCount > 0)
        try expectTrue(result.truth, in: kafka)
    }

    @Test func aBrokerThatGoesAwayLeavesATruthThatClaimsNothingUnknown() async throws {
        let kafka = try cluster()
        var configuration = configuration(kafka, further: nil)
        configuration.producer.deliveryTimeout = .milliseconds(1_500)
        let isDown = Atomic(false)
        let result = await run(configuration) { progress in
            guard progress.acknowledgedCount > 0 else { return }
            if isDown.exchange(true, ordering: .relaxed) == false { kafka.takeDown() }
        }
        #expect(result.truth.outcome == .failed)
        #expect(result.failure != nil)
        #expect(result.truth.acknowledgedCount > 0)
        #expect(result.truth.acknowledgedCount == result.latency.count)
        #expect(!result.truth.unresolvedUsers.isEmpty)
    }

    @Test func gracefulShutdownEndsAnEndlessRunWithNothingInDoubt() async throws {
        let kafka = try cluster()
        let running = AsyncStream<Void>.makeStream()
        var configuration = configuration(kafka, further: nil)
        // The mock cluster keeps 5 MB of a partition: a run that is stopped late must not send more.
        configuration.rate = 1_000
        let source = DataSource(
            configuration,
            clock: ContinuousClock(),
            logger: logger,
            onProgress: { if $0.acknowledgedCount > 0 { running.continuation.yield() } }
        )
        let service = SourceService(source)
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
        let result = try #require(service.result)
        #expect(result.failure == nil)
        #expect(result.truth.outcome == .interrupted)
        #expect(result.truth.unresolvedCount == 0)
        #expect(result.truth.rejectedCount == 0, "whole rounds are sent, so nothing is missing in between")
        try expectTrue(result.truth, in: kafka)
    }

    @Test func cancellationDropsWhatIsOnItsWayAndStillTellsTheTruth() async throws {
        let kafka = try cluster()
        let running = AsyncStream<Void>.makeStream()
        let source = DataSource(
            // No more than the mock cluster keeps, 5 MB of a partition.
            configuration(kafka, further: 20_000),
            clock: ContinuousClock(),
            logger: logger,
            onProgress: { if $0.acknowledgedCount > 0 { running.continuation.yield() } }
        )
        let task = Task { await source.run() }
        for await _ in running.stream { break }
        task.cancel()
        let result = await task.value
        #expect(result.truth.acknowledgedCount == result.latency.count)
        for topic in CommunityTopic.allCases {
            let present = try kafka.recordCounts(of: topic.name, partitions: 2).reduce(0, +)
            let truth = result.truth[topic]
            let possible = truth.acknowledged.count...truth.acknowledged.count + truth.unresolved.count
            #expect(possible.contains(present), "\(topic): \(present) records, the truth allows \(possible)")
        }
    }

    @Test func aRateIsKept() async throws {
        let kafka = try cluster()
        var configuration = configuration(kafka, initialSize: 20, further: nil)
        configuration.rate = 500
        configuration.duration = .seconds(2)
        let result = await DataSource(configuration, clock: SteppingClock(), logger: logger).run()
        #expect(result.failure == nil)
        #expect(result.truth.outcome == .completed)
        #expect(result.truth.acknowledgedCount == 1_000)
        #expect(result.elapsed == .seconds(2))
    }

    /// The first sleeper wakes up a second late: of what was due meanwhile, a fifth of a second's worth is sent.
    @Test func aDelayIsCaughtUpWithForAFifthOfASecond() async throws {
        let kafka = try cluster()
        var configuration = configuration(kafka, initialSize: 20, further: nil)
        configuration.rate = 500
        configuration.duration = .seconds(2)
        let result = await DataSource(configuration, clock: SteppingClock(stall: .seconds(1)), logger: logger).run()
        #expect(result.truth.acknowledgedCount == 5 + 100 + 98 * 5)
    }

    @Test func anImpossibleConfigurationIsExplained() async throws {
        let kafka = try cluster()
        var configuration = configuration(kafka)
        configuration.parallelism = 0
        let result = await run(configuration)
        #expect(result.failure?.code == .badConfiguration)
        #expect(result.failure?.description.contains("parallelism is 0") == true)
    }
}
