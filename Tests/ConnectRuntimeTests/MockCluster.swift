import CRdKafka
import KafkaClient
import Testing

/// librdkafka's own mock of a Kafka cluster, on loopback, for one test.
///
/// `@unchecked Sendable`: librdkafka's mock is driven through a queue of its own and safe to call from any thread.
final class MockCluster: @unchecked Sendable {
    private let client: OpaquePointer
    private let cluster: OpaquePointer

    init() throws {
        let configuration = try #require(rd_kafka_conf_new())
        rd_kafka_conf_set(configuration, "log_level", "0", nil, 0)
        let client = try #require(rd_kafka_new(RD_KAFKA_PRODUCER, configuration, nil, 0))
        self.client = client
        cluster = try #require(rd_kafka_mock_cluster_new(client, 1))
    }

    deinit {
        rd_kafka_mock_cluster_destroy(cluster)
        rd_kafka_destroy(client)
    }

    var bootstrap: [String] {
        String(cString: rd_kafka_mock_cluster_bootstraps(cluster)).split(separator: ",").map(String.init)
    }

    func create(_ topic: String, partitions: Int32) throws {
        #expect(rd_kafka_mock_topic_create(cluster, topic, partitions, 1) == RD_KAFKA_RESP_ERR_NO_ERROR)
    }

    /// The next `count` commits of offsets are answered with an error.
    func refuseCommits(_ count: Int) {
        let errors = Array(repeating: RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, count: count)
        rd_kafka_mock_push_request_errors_array(cluster, 8, errors.count, errors)
    }
}
