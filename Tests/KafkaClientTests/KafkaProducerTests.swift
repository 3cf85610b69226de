import CRdKafka
import KafkaTopics
import Logging
import PipelineTesting
import Synchronization
import Testing

@testable import KafkaClient

@Suite(.timeLimit(.minutes(15)))
struct KafkaProducerTests {
    private let logger = Logger(label: "test")

    private func configuration(_ cluster: MockCluster) -> ProducerConfiguration {
        ProducerConfiguration(bootstrap: cluster.bootstrap)
    }

    @Test func aRecordIsAcknowledgedWithItsPlace() async throws {
        let cluster = try MockCluster()
        try cluster.create("utenti", partitions: 2)
        let written = try await withProducer(configuration(cluster), logger: logger) { producer in
            let first = try await producer.send(KafkaRecord(topic: "utenti", partition: 1, value: Array("a".utf8)))
            let second = try await producer.send(
                KafkaRecord(
                    topic: "utenti",
                    partition: 1,
                    key: [],
                    value: nil,
                    headers: [.init(name: "h", value: [1]), .init(name: "n", value: nil)],
                    timestamp: 1_000
                )
            )
            return [first, second]
        }
        #expect(
            written.map(\.topicPartition) == Array(repeating: TopicPartition(topic: "utenti", partition: 1), count: 2)
        )
        #expect(written.map(\.offset) == [0, 1])
    }

    @Test func aBatchIsAcknowledgedPerPartitionWithOffsets() async throws {
        let cluster = try MockCluster()
        try cluster.create("comportamenti", partitions: 2)
        let report = try await withProducer(configuration(cluster), logger: logger) { producer in
            var batch = OutgoingBatch(topic: "comportamenti")
            for number in 0..<5_000 {
                let key = "key \(number)"
                batch.append(key: key.utf8, value: number % 7 == 0 ? nil : "value \(number)".utf8)
            }
            return try await producer.send(batch)
        }
        #expect(report.isComplete)
        #expect(report.failures.isEmpty)
        for (partition, count) in report.acknowledgedByPartition {
            let acknowledgements = report.acknowledgements.filter { $0.topicPartition == partition }
            #expect(acknowledgements.first?.firstOffset == 0)
            #expect(acknowledgements.last?.lastOffset == Int64(count - 1))
        }
        #expect(report.acknowledgedByPartition.count == 2)
    }

    /// Records with times of their own go to librdkafka one by one.
    @Test(arguments: [nil, 1_000] as [Int64?])
    func sendersWaitWhileTheQueueIsFull(_ timestamp: Int64?) async throws {
        let cluster = try MockCluster()
        try cluster.create("t")
        var configuration = configuration(cluster)
        configuration.recordsInFlightMax = 100
        let report = try await withProducer(configuration, logger: logger) { producer in
            var batch = OutgoingBatch(topic: "t")
            for number in 0..<2_500 {
                batch.append(key: Optional<[UInt8]>.none, value: "\(number)".utf8, timestamp: timestamp)
            }
            let delivery = await producer.enqueue(batch)
            #expect(producer.state.withLock { $0.ledger.inFlight } <= 100)
            return try await delivery.report()
        }
        #expect(report.isComplete)
        let offsets = report.acknowledgements.sorted { $0.firstOffset < $1.firstOffset }
        #expect(offsets.last?.lastOffset == 2_499)
    }

    @Test(arguments: [
        RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
        RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, RD_KAFKA_RESP_ERR__TRANSPORT,
    ])
    func retriableErrorsAreRetriedUntilAcknowledged(_ error: rd_kafka_resp_err_t) async throws {
        let cluster = try MockCluster()
        try cluster.create("t")
        cluster.fail(.produce, with: [error, error])
        let metadata = try await withProducer(configuration(cluster), logger: logger) { producer in
            try await producer.send(KafkaRecord(topic: "t", key: "k", value: "v"))
        }
        #expect(metadata.offset == 0)
    }

    @Test func aRecordBeyondTheClientsLimitFailsAloneWithItsNumber() async throws {
        let cluster = try MockCluster()
        try cluster.create("t")
        let report = try await withProducer(
            ProducerConfiguration(bootstrap: cluster.bootstrap, properties: ["message.max.bytes": "2000"]),
            logger: logger
        ) { producer in
            var batch = OutgoingBatch(topic: "t")
            batch.append(key: "a".utf8, value: "small".utf8)
            batch.append(key: "b".utf8, value: [UInt8](repeating: 120, count: 3_000))
            batch.append(key: "c".utf8, value: "small".utf8)
            return try await producer.send(batch)
        }
        #expect(report.acknowledgedCount == 2)
        #expect(report.failures.map(\.records) == [[1]])
        #expect(report.failures.first?.error.code == .recordTooLarge)
    }

    @Test func aBrokersRefusalNamesPartitionAndReason() async throws {
        let cluster = try MockCluster()
        try cluster.create("t")
        cluster.fail(.produce, with: [RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE])
        var configuration = configuration(cluster)
        configuration.isIdempotent = false
        let error = await #expect(throws: KafkaClientError.self) {
            try await withProducer(configuration, logger: logger) { producer in
                _ = try await producer.send(KafkaRecord(topic: "t", key: "k", value: "v"))
            }
        }
        #expect(error?.code == .recordTooLarge)
        #expect(error?.topicPartition == TopicPartition(topic: "t", partition: 0))
        #expect(error?.underlying?.number == 10)
    }

    @Test func anUnreachableBrokerIsAnErrorThatNamesIt() async throws {
        try await withRefusedAddress { address in
            let error = await #expect(throws: KafkaClientError.self) {
                try await withProducer(ProducerConfiguration(bootstrap: [address]), logger: logger) { producer in
                    _ = try await producer.send(KafkaRecord(topic: "t", key: nil, value: "v"))
                }
            }
            #expect(error?.code == .brokersUnreachable)
            #expect(error?.message.contains(address) == true)
        }
    }

    /// Whatever librdkafka tells first: that the record has waited too long, or that the connection is refused.
    @Test func aRecordThatTimesOutBeforeABrokerHasAnsweredNamesTheUnreachableBroker() async throws {
        try await withRefusedAddress { address in
            var configuration = ProducerConfiguration(bootstrap: [address])
            configuration.client.whenUnreachable = .keepTrying
            configuration.linger = .zero
            configuration.deliveryTimeout = .milliseconds(20)
            let error = await #expect(throws: KafkaClientError.self) {
                try await withProducer(configuration, logger: logger) { producer in
                    _ = try await producer.send(KafkaRecord(topic: "t", key: nil, value: "v"))
                }
            }
            #expect(error?.code == .brokersUnreachable)
            #expect(error?.message.contains(address) == true)
        }
    }

    @Test func anUnknownTopicIsAClearError() async throws {
        let cluster = try MockCluster()
        cluster.set(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, on: "missing")
        var configuration = configuration(cluster)
        configuration.client.properties["topic.metadata.propagation.max.ms"] = "100"
        let error = await #expect(throws: KafkaClientError.self) {
            try await withProducer(configuration, logger: logger) { producer in
                _ = try await producer.send(KafkaRecord(topic: "missing", key: nil, value: "v"))
            }
        }
        #expect(error?.code == .unknownTopic)
        #expect(error?.message.contains("missing") == true)
    }

    @Test func cancellationEndsPromptlyAndSaysWhatWasNotAcknowledged() async throws {
        let cluster = try MockCluster()
        try cluster.create("t")
        // Longer than the test may take, so that nothing but the cancellation settles a record.
        cluster.setRoundTrip(milliseconds: 600_000)
        var configuration = configuration(cluster)
        configuration.deliveryTimeout = .seconds(600)
        let producer = try KafkaProducer(configuration, logger: logger)
        let running = Task { try await producer.run() }
        var batch = OutgoingBatch(topic: "t")
        for number in 0..<10 { batch.append(key: Optional<[UInt8]>.none, value: "\(number)".utf8) }
        let delivery = await producer.enqueue(batch)
        running.cancel()
        let report = try await delivery.report()
        try await running.value
        #expect(report.failedCount == 10)
        #expect(report.failures.allSatisfy { $0.error.code == .cancelled })
        // Nothing is taken any more.
        let late = try await producer.send(batch)
        #expect(late.failures.map(\.error.code) == [.closed])
    }

    @Test func aProducerThatIsShutDownBeforeItRunsJustEnds() async throws {
        let cluster = try MockCluster()
        let producer = try KafkaProducer(configuration(cluster), logger: logger)
        producer.shutDown(dropping: false)
        try await producer.run()
        let late = await #expect(throws: KafkaClientError.self) {
            try await producer.send(KafkaRecord(topic: "t", key: nil, value: "v"))
        }
        #expect(late?.code == .closed)
        // The task of the producer may begin only when the body has ended.
        try await withProducer(configuration(cluster), logger: logger) { _ in }
    }

    /// librdkafka refuses it as if its queue were full, also while the queue is empty.
    @Test(arguments: [nil, 1_000] as [Int64?])
    func aValueThatIsMoreThanTheQueueHoldsFailsAlone(_ timestamp: Int64?) async throws {
        let cluster = try MockCluster()
        try cluster.create("t")
        var configuration = configuration(cluster)
        configuration.kilobytesInFlightMax = 1
        let large = [UInt8](repeating: 120, count: 2_000)
        let (report, error) = try await withProducer(configuration, logger: logger) { producer in
            var batch = OutgoingBatch(topic: "t")
            batch.append(key: "a".utf8, value: "small".utf8, timestamp: timestamp)
            batch.append(key: "b".utf8, value: large, timestamp: timestamp)
            batch.append(key: large, value: "small".utf8, timestamp: timestamp)
            let report = try await producer.send(batch)
            let error = await #expect(throws: KafkaClientError.self) {
                try await producer.send(KafkaRecord(topic: "t", value: large))
            }
            return (report, error)
        }
        #expect(report.acknowledgedCount == 2)
        #expect(report.failures.map(\.records) == [[1]])
        #expect(report.failures.map(\.error.code) == [.recordTooLarge])
        #expect(error?.code == .recordTooLarge)
        #expect(error?.message.contains("queue.buffering.max.kbytes") == true)
    }

    @Test func withoutAcknowledgementsNoOffsetIsTold() async throws {
        let cluster = try MockCluster()
        try cluster.create("t")
        var configuration = configuration(cluster)
        configuration.acknowledgements = .none
        configuration.isIdempotent = false
        let (report, metadata) = try await withProducer(configuration, logger: logger) { producer in
            var batch = OutgoingBatch(topic: "t")
            for number in 0..<2_000 { batch.append(key: Optional<[UInt8]>.none, value: "\(number)".utf8) }
            let report = try await producer.send(batch)
            return (report, try await producer.send(KafkaRecord(topic: "t", key: nil, value: "v")))
        }
        #expect(report.isComplete)
        #expect(report.acknowledgements.allSatisfy { $0.firstOffset == -1 && $0.lastOffset == -1 })
        #expect(metadata.offset == -1)
    }
}
