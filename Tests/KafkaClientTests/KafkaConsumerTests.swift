import CRdKafka
import KafkaTopics
import Logging
import PipelineTesting
import ServiceLifecycle
import Testing

@testable import KafkaClient

@Suite(.timeLimit(.minutes(15)))
struct KafkaConsumerTests {
    private let logger = Logger(label: "test")
    private let topic = "comportamenti"

    private func partition(_ number: Int32) -> TopicPartition { TopicPartition(topic: topic, partition: number) }

    private func fill(_ cluster: MockCluster, partitions: Int32 = 2, records: Int) async throws {
        try cluster.create(topic, partitions: partitions)
        try await write(cluster, partitions: partitions, 0..<records)
    }

    private func write(_ cluster: MockCluster, partitions: Int32, _ numbers: Range<Int>) async throws {
        try await withProducer(ProducerConfiguration(bootstrap: cluster.bootstrap), logger: logger) { producer in
            var batch = OutgoingBatch(topic: topic)
            for number in numbers {
                batch.append(
                    key: "k".utf8,
                    value: "\(number)".utf8,
                    partition: Int32(number) % partitions
                )
            }
            let report = try await producer.send(batch)
            #expect(report.isComplete)
        }
    }

    private func configuration(_ cluster: MockCluster, group: String? = "g") -> ConsumerConfiguration {
        var configuration = ConsumerConfiguration(bootstrap: cluster.bootstrap, group: group)
        // As long as a busy machine may take: no test here waits for it.
        configuration.sessionTimeout = .seconds(60)
        return configuration
    }

    @Test func theReceiverChoosesWhereAnAssignedPartitionStarts() async throws {
        let cluster = try MockCluster()
        try await fill(cluster, partitions: 1, records: 50)
        let first = try await withConsumer(configuration(cluster), logger: logger) { consumer in
            try await consumer.subscribe([topic])
            for try await event in consumer.events {
                if case .assigned(let partitions) = event {
                    for each in partitions { try consumer.start(each, at: .offset(40)) }
                }
                if case .batch(let batch) = event { return batch.firstOffset }
            }
            return -1
        }
        #expect(first == 40)
    }

    /// librdkafka's own question for both ends goes on beyond its time limit up to version 2.3, for as long as no broker is
    /// there: a task that asked it could not be stopped.
    @Test func theEndsOfAPartitionAreNotAwaitedForeverWhereTheBrokerIsGone() async throws {
        let cluster = try MockCluster()
        try await fill(cluster, partitions: 1, records: 50)
        var configuration = configuration(cluster, group: nil)
        configuration.client.whenUnreachable = .keepTrying
        try await withConsumer(configuration, logger: logger) { consumer in
            let ends = try await consumer.watermarks(of: partition(0))
            #expect(ends == 0..<50)
            cluster.takeDown()
            await #expect(throws: KafkaClientError.self) { try await consumer.watermarks(of: partition(0)) }
        }
    }

    @Test func withoutAGroupExactlyWhatIsAssignedIsReadToItsEnd() async throws {
        let cluster = try MockCluster()
        try await fill(cluster, records: 100)
        var configuration = configuration(cluster, group: nil)
        configuration.reportsEndOfPartition = true
        let (records, end) = try await withConsumer(configuration, logger: logger) { consumer in
            try await consumer.assign([partition(1): .offset(10)])
            var records: [Int] = []
            for try await event in consumer.events {
                if case .batch(let batch) = event { records += batch.numbers }
                if case .endOfPartition(let partition, let offset) = event {
                    #expect(partition == self.partition(1))
                    return (records, offset)
                }
            }
            return (records, -1)
        }
        #expect(records == Array(stride(from: 21, to: 100, by: 2)))
        #expect(end == 50)
    }

    @Test func seekingDropsWhatWasFetchedAndGoesOnElsewhere() async throws {
        let cluster = try MockCluster()
        try await fill(cluster, partitions: 1, records: 100)
        var configuration = configuration(cluster, group: nil)
        configuration.batchRecordsMax = 10
        let offsets = try await withConsumer(configuration, logger: logger) { consumer in
            try await consumer.assign([partition(0): .beginning])
            var offsets: [Int64] = []
            for try await event in consumer.events {
                guard case .batch(let batch) = event else { continue }
                offsets.append(batch.firstOffset)
                if offsets.count == 2 { return offsets }
                try await consumer.seek(partition(0), to: .offset(70))
            }
            return offsets
        }
        #expect(offsets == [0, 70])
    }

    @Test func aPausedPartitionDeliversNothingUntilItIsResumed() async throws {
        let cluster = try MockCluster()
        try await fill(cluster, records: 400)
        var configuration = configuration(cluster, group: nil)
        configuration.batchRecordsMax = 40
        let records = try await withConsumer(configuration, logger: logger) { consumer in
            try await consumer.assign([partition(0): .beginning, partition(1): .beginning])
            var records: [Int] = []
            var paused: TopicPartition?
            var others = 0
            for try await event in consumer.events {
                guard case .batch(let batch) = event else { continue }
                records += batch.numbers
                if paused == nil {
                    paused = batch.topicPartition
                    try consumer.pause([batch.topicPartition])
                } else if let partition = paused, others < 200 {
                    #expect(batch.topicPartition != partition)
                    others += batch.count
                    if others == 200 { try consumer.resume([partition]) }
                }
                if records.count == 400 { return records }
            }
            return records
        }
        #expect(records.sorted() == Array(0..<400))
    }

    /// Left to itself librdkafka waits a second after each of the hundred fetches, beyond the time limit.
    /// 400 fills of the queue: with the second that librdkafka waits by itself before each they would pass the time limit.
    @Test(.timeLimit(.minutes(15))) func aFullQueueIsFilledAgainAsSoonAsTheReceiverHasEmptiedIt() async throws {
        let cluster = try MockCluster()
        try cluster.create(topic)
        var small = ProducerConfiguration(bootstrap: cluster.bootstrap, properties: ["batch.num.messages": "25"])
        small.linger = .zero
        try await withProducer(small, logger: logger) { producer in
            var batch = OutgoingBatch(topic: topic)
            for number in 0..<10_000 { batch.append(key: "k".utf8, value: "\(number)".utf8) }
            _ = try await producer.send(batch)
        }
        var configuration = configuration(cluster, group: nil)
        configuration.recordsAhead = 25
        configuration.batchRecordsMax = 25
        try await withConsumer(configuration, logger: logger) { consumer in
            try await consumer.assign([partition(0): .beginning])
            var records = 0
            for try await event in consumer.events {
                if case .batch(let batch) = event { records += batch.count }
                if records == 10_000 { break }
            }
        }
    }

    @Test func batchesOutliveTheirConsumer() async throws {
        let cluster = try MockCluster()
        try await fill(cluster, partitions: 1, records: 10)
        let batch = try await withConsumer(configuration(cluster, group: nil), logger: logger) { consumer in
            try await consumer.assign([partition(0): .beginning])
            for try await event in consumer.events {
                if case .batch(let batch) = event { return Optional(batch) }
            }
            return nil
        }
        let kept = try #require(batch)
        #expect(kept.numbers == Array(0..<10))
    }

    @Test func keysValuesHeadersAndTimesComeAsTheyWereSent() async throws {
        let cluster = try MockCluster()
        try cluster.create(topic)
        let sent = [
            KafkaRecord(topic: topic, partition: 0, key: [1, 2], value: [], timestamp: 1_600_000_000_000),
            KafkaRecord(topic: topic, partition: 0, key: [], value: nil, timestamp: 1_600_000_000_001),
            KafkaRecord(
                topic: topic,
                partition: 0,
                value: [0xff],
                headers: [.init(name: "a", value: [7]), .init(name: "b", value: nil), .init(name: "a", value: [])],
                timestamp: 1_600_000_000_002
            ),
        ]
        try await withProducer(ProducerConfiguration(bootstrap: cluster.bootstrap), logger: logger) { producer in
            for record in sent { _ = try await producer.send(record) }
        }
        let received = try await withConsumer(configuration(cluster, group: nil), logger: logger) { consumer in
            try await consumer.assign([partition(0): .beginning])
            var records: [KafkaRecord] = []
            for try await event in consumer.events {
                if case .batch(let batch) = event { records += batch.copies() }
                if records.count == 3 { break }
            }
            return records
        }
        #expect(received == sent)
    }

    @Test func gracefulShutdownGivesPartitionsUpAndEnds() async throws {
        let cluster = try MockCluster()
        try await fill(cluster, records: 10)
        let reader = Reader(configuration: configuration(cluster), topic: topic, logger: logger)
        let services = ServiceGroup(services: [reader], logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await services.run() }
            var reads = reader.reads.stream.makeAsyncIterator()
            await reads.next()
            await services.triggerGracefulShutdown()
            try await group.waitForAll()
        }
        #expect(reader.revoked.withLock { $0 } == 2)
    }

    @Test func cancellationEndsTheEvents() async throws {
        let cluster = try MockCluster()
        try await fill(cluster, records: 10)
        let reader = Reader(configuration: configuration(cluster), topic: topic, logger: logger)
        let task = Task { try await reader.run() }
        var reads = reader.reads.stream.makeAsyncIterator()
        await reads.next()
        task.cancel()
        try await task.value
        #expect(reader.revoked.withLock { $0 } == 0)
    }

    @Test func anErrorNamesItsPartitionWhichCanBeAssignedAgain() async throws {
        let cluster = try MockCluster()
        try await fill(cluster, partitions: 1, records: 10)
        var configuration = configuration(cluster, group: nil)
        configuration.offsetReset = OffsetReset.none
        let (error, first) = try await withConsumer(configuration, logger: logger) { consumer in
            try await consumer.assign([partition(0): .offset(1_000)])
            var failure: KafkaClientError?
            for try await event in consumer.events {
                switch event {
                case .failed(let error):
                    failure = error
                    try await consumer.assign([partition(0): .beginning])
                case .batch(let batch): return (failure, batch.firstOffset)
                default: break
                }
            }
            return (failure, -1)
        }
        #expect(error?.code == .noOffset)
        #expect(error?.topicPartition == partition(0))
        #expect(first == 0)
    }

    @Test func anUnreachableClusterEndsTheEventsWithAnError() async throws {
        let error = await #expect(throws: KafkaClientError.self) {
            try await withRefusedAddress { address in
                let configuration = ConsumerConfiguration(bootstrap: [address], group: "g")
                try await withConsumer(configuration, logger: logger) { consumer in
                    try await consumer.subscribe([topic])
                    for try await event in consumer.events {
                        guard case .failed(let error) = event, error.isRetriable else {
                            Issue.record("\(event)")
                            continue
                        }
                    }
                }
            }
        }
        #expect(error?.code == .brokersUnreachable)
    }

    @Test func aCommitThatTimesOutBeforeABrokerHasAnsweredNamesTheUnreachableBroker() async throws {
        try await withRefusedAddress { address in
            var configuration = ConsumerConfiguration(bootstrap: [address], group: "g")
            configuration.client.whenUnreachable = .keepTrying
            let error = try await withConsumer(configuration, logger: logger) { consumer in
                await #expect(throws: KafkaClientError.self) {
                    try await consumer.commit([partition(0): 1], within: 1)
                }
            }
            #expect(error?.code == .brokersUnreachable)
            #expect(error?.message.contains(address) == true)
        }
    }

    /// librdkafka's own `rd_kafka_commit` waits without end, and closing waits behind it.
    @Test func aCommitWithoutAnAnswerEndsAfterItsTimeLimit() async throws {
        let cluster = try MockCluster()
        try cluster.create(topic)
        let error = try await withConsumer(configuration(cluster), logger: logger) { consumer in
            try await consumer.commit([partition(0): 1])
            cluster.setRoundTrip(milliseconds: 2 * Limits.requestTimeoutMilliseconds)
            return await #expect(throws: KafkaClientError.self) { try await consumer.commit([partition(0): 2]) }
        }
        #expect(error?.code == .timedOut)
    }

    @Test func aCommitThatTheGroupRefusesNamesThePartition() async throws {
        let cluster = try MockCluster()
        try cluster.create(topic)
        cluster.fail(.offsetCommit, with: [RD_KAFKA_RESP_ERR_OFFSET_METADATA_TOO_LARGE])
        let error = try await withConsumer(configuration(cluster), logger: logger) { consumer in
            await #expect(throws: KafkaClientError.self) { try await consumer.commit([partition(0): 1]) }
        }
        #expect(error?.code == .refused)
        #expect(error?.topicPartition == partition(0))
    }
}
