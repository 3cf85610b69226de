import CommitLog
import KafkaProtocol
import KafkaTopics
import Logging
import NIOCore
import PipelineTesting
import ServiceLifecycle
import SystemPackage
import Testing

@testable import Ingestor

@Suite struct IngestorReadingsTests {
    /// The time of the records, and of the readings.
    private static let time: Int64 = 1_700_000_000_000

    private func append(_ count: Int, to broker: Broker, at time: Int64) throws {
        let log = try #require(broker.topics.log(events.name, 0))
        for _ in 0..<count {
            _ = try log.append(batch: Batches.batch(["a"], timestamp: time), now: time)
        }
    }

    @Test func partitionsAndGroupsAreMeasured() throws {
        try withBroker { broker in
            try append(3, to: broker, at: Self.time)
            let partition = TopicPartition(topic: events.name, partition: 0)
            for (group, offset) in [("done", Int64(3)), ("behind", 1), ("ahead", 9)] {
                try broker.offsets.commit(group: group, [partition: CommittedOffset(offset: offset)], at: Self.time)
            }
            let readings = broker.readings(now: Self.time + 5_000)
            #expect(readings.topicCount == 2)
            #expect(readings.groupCount == 3 && readings.offsetCount == 3)
            let first = try #require(readings.partitions.first { $0.partition == partition })
            #expect(first.logStartOffset == 0 && first.endOffset == 3 && first.segmentCount == 1)
            #expect(first.byteCount > 3 * RecordBatchHeader.byteCount)
            #expect(readings.lags.map(\.group) == ["ahead", "behind", "done"])
            #expect(readings.lags.map(\.records) == [0, 2, 0])
            #expect(readings.lags.map(\.milliseconds) == [0, 5_000, 0])
        }
    }

    /// The first time in the header of a batch is not always that of its first record.
    @Test func theAgeOfALagIsThatOfTheRecord() throws {
        let partition = TopicPartition(topic: events.name, partition: 0)
        let hourBefore = Self.time - 3_600_000
        try withBroker { broker in
            // As compaction leaves a batch whose tombstones may go tomorrow.
            var batch = Batches.batch(["a"], timestamp: Self.time)
            var header = try RecordBatchHeader(batch)
            header.attributes.hasDeleteHorizon = true
            header.baseTimestamp = Self.time + 86_400_000
            header.seal(&batch)
            _ = try #require(broker.topics.log(events.name, 0)).append(batch: batch, now: Self.time)
            try broker.offsets.commit(group: "g", [partition: CommittedOffset(offset: 0)], at: Self.time)
            #expect(broker.readings(now: Self.time + 5_000).lags.map(\.milliseconds) == [5_000])
        }
        try withBroker(configure: { $0.log.timestampType = .logAppendTime }) { broker in
            let batch = Batches.batch(["a"], timestamp: hourBefore)
            let log = try #require(broker.topics.log(events.name, 0))
            _ = try log.append(batch: batch, now: Self.time, timeOfDay: Self.time)
            try broker.offsets.commit(group: "g", [partition: CommittedOffset(offset: 0)], at: Self.time)
            #expect(broker.readings(now: Self.time + 5_000).lags.map(\.milliseconds) == [5_000])
        }
    }

    @Test func lagsAreBounded() throws {
        func configure(_ configuration: inout IngestorConfiguration) {
            configuration.limits.lagsMax = 2
            configuration.limits.lagTimesMax = 1
        }
        try withBroker(configure: configure) { broker in
            try append(1, to: broker, at: Self.time)
            let partition = TopicPartition(topic: events.name, partition: 0)
            for group in ["a", "b", "c"] {
                try broker.offsets.commit(group: group, [partition: CommittedOffset(offset: 0)], at: Self.time)
            }
            let readings = broker.readings(now: Self.time)
            #expect(readings.lags.map(\.group) == ["a", "b"])
            #expect(readings.lags.map(\.milliseconds) == [0, nil])
            #expect(readings.offsetCount == 3)
        }
    }

    @Test func stateFollowsTheIngestor() async throws {
        try await withTemporaryDirectory { directory in
            var configuration = IngestorConfiguration(directory: directory.string)
            configuration.listeners = [.free]
            configuration.limits.connectionsMax = 1
            let ingestor = Ingestor(configuration: configuration, logger: CollectedLog().logger)
            #expect(ingestor.state == .starting)
            #expect(await ingestor.readings() == nil)
            let group = ServiceGroup(services: [ingestor], logger: CollectedLog().logger)
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                let address = try await ingestor.boundAddress
                #expect(ingestor.state == .ready)
                #expect(await ingestor.readings()?.topicCount == 1)
                try await withConnection(to: address) { client in
                    let _: ApiVersionsResponse = try await client.exchange(ApiVersionsRequest(), version: 0)
                    #expect(ingestor.state == .degraded(["no connection is accepted: the limit of 1 is reached"]))
                }
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
                #expect(ingestor.state == .stopping)
                #expect(await ingestor.readings() == nil)
            }
        }
    }

    @Test func failingMaintenanceIsToldWithoutPaths() {
        struct Failure: Error, CustomStringConvertible { let description = "/secret/path" }
        let watch = MaintenanceWatch()
        let log = CollectedLog()
        watch.watch(.log(TopicPartition(topic: "events", partition: 1)), log.logger) { throw Failure() }
        #expect(watch.failures == ["maintenance of the log failed; it is tried again: events-1"])
        watch.watch(.log(TopicPartition(topic: "events", partition: 1)), log.logger) {}
        watch.watch(.cleaning(TopicPartition(topic: "state", partition: 2)), log.logger) { throw Failure() }
        #expect(watch.failures == ["the topic is not compacted; it is tried again: state-2"])
        watch.keep([TopicPartition(topic: "events", partition: 1)])
        #expect(watch.failures.isEmpty)
    }
}
