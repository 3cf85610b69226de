import CRdKafka
import KafkaTopics
import Logging
import PipelineTesting
import Testing

@testable import KafkaClient

@Suite(.timeLimit(.minutes(15)))
struct KafkaAdminTests {
    private let logger = Logger(label: "test")

    private func ask<Answer: Sendable>(
        _ cluster: MockCluster,
        _ body: (KafkaAdmin) async throws -> Answer
    ) async throws -> Answer {
        try await withAdmin(ClientConfiguration(bootstrap: cluster.bootstrap), logger: logger, body)
    }

    @Test func topicsAreListedInOrderWithTheirPartitions() async throws {
        let cluster = try MockCluster(brokers: 3)
        try cluster.create("premi", partitions: 2)
        try cluster.create("comportamenti", partitions: 3)
        let topics = try await ask(cluster) { try await $0.topics() }
        #expect(topics.map(\.name) == ["comportamenti", "premi"])
        #expect(topics[0].topicPartitions == (0..<3).map { TopicPartition(topic: "comportamenti", partition: $0) })
        for partition in topics[0].partitions {
            #expect(partition.replicas.contains(try #require(partition.leader)))
        }
    }

    @Test func aTopicThatIsNotThereIsSaidSoAndNotCreated() async throws {
        let cluster = try MockCluster()
        let error = await #expect(throws: KafkaClientError.self) {
            try await ask(cluster) { try await $0.describeTopic("missing") }
        }
        #expect(error?.code == .unknownTopic)
        let topics = try await ask(cluster) { try await $0.topics() }
        #expect(topics.isEmpty)
    }

    @Test func offsetsOfBothEndsComeForAllPartitions() async throws {
        let cluster = try MockCluster()
        try cluster.create("t", partitions: 2)
        let partitions = (0..<2).map { TopicPartition(topic: "t", partition: Int32($0)) }
        try await withProducer(ProducerConfiguration(bootstrap: cluster.bootstrap), logger: logger) { producer in
            var batch = OutgoingBatch(topic: "t")
            for number in 0..<30 { batch.append(key: "k".utf8, value: "v".utf8, partition: number < 20 ? 0 : 1) }
            _ = try await producer.send(batch)
        }
        let (earliest, latest) = try await ask(cluster) { admin in
            (try await admin.offsets(of: partitions, .earliest), try await admin.offsets(of: partitions, .latest))
        }
        #expect(earliest == [partitions[0]: 0, partitions[1]: 0])
        #expect(latest == [partitions[0]: 20, partitions[1]: 10])
    }

    @Test func theOffsetsOfAGroupAreRead() async throws {
        let cluster = try MockCluster()
        try cluster.create("t", partitions: 2)
        let partitions = (0..<2).map { TopicPartition(topic: "t", partition: Int32($0)) }
        let configuration = ConsumerConfiguration(bootstrap: cluster.bootstrap, group: "connect-sink")
        try await withConsumer(configuration, logger: logger) { consumer in
            try await consumer.commit([partitions[1]: 42])
        }
        let committed = try await ask(cluster) {
            try await $0.committedOffsets(ofGroup: "connect-sink", partitions)
        }
        #expect(committed == [partitions[1]: 42])
    }

    @Test(arguments: ["", "..", "a b", String(repeating: "x", count: 250)])
    func aNameThatIsNoneIsRefusedBeforeTheClusterIsAsked(_ name: String) async throws {
        let cluster = try MockCluster()
        let error = await #expect(throws: KafkaClientError.self) {
            try await ask(cluster) { try await $0.createTopic(NewTopic(name: name, partitions: 1)) }
        }
        #expect(error?.code == .badRequest)
    }

    @Test func anUnreachableClusterIsAnErrorThatNamesIt() async throws {
        try await withRefusedAddress { address in
            let error = await #expect(throws: KafkaClientError.self) {
                try await withAdmin(ClientConfiguration(bootstrap: [address]), logger: logger) { try await $0.topics() }
            }
            #expect(error?.code == .brokersUnreachable)
            #expect(error?.message.contains(address) == true)
        }
    }

    private static let ownTimeouts = [
        RD_KAFKA_RESP_ERR__TIMED_OUT, RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE, RD_KAFKA_RESP_ERR__MSG_TIMED_OUT,
    ]

    @Test(arguments: ownTimeouts) func aTimeOutBeforeABrokerHasAnsweredIsAnUnreachableCluster(
        _ number: rd_kafka_resp_err_t
    ) async throws {
        try await withRefusedAddress { address in
            let admin = try KafkaAdmin(ClientConfiguration(bootstrap: [address]), logger: logger)
            let error = admin.handle.error(number, "ask")
            #expect(error?.code == .brokersUnreachable)
            #expect(error?.message.contains(address) == true)
        }
    }

    @Test(arguments: ownTimeouts) func aTimeOutAfterABrokerHasAnsweredIsOne(
        _ number: rd_kafka_resp_err_t
    ) async throws {
        let cluster = try MockCluster()
        let error = try await ask(cluster) { admin in
            _ = try await admin.topics()
            return admin.handle.error(number, "ask")
        }
        #expect(error?.code == .timedOut)
    }
}
