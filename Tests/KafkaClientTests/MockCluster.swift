import CRdKafka
import KafkaClient
import Testing

/// librdkafka's own mock of a Kafka cluster, on loopback, for one test.
///
/// `@unchecked Sendable`: librdkafka's mock is driven through a queue of its own and safe to call from any thread.
final class MockCluster: @unchecked Sendable {
    /// Requests by their number in the Kafka protocol.
    enum Request: Int16 {
        case produce = 0
        case fetch = 1
        case metadata = 3
        case offsetCommit = 8
        case initProducerID = 22
    }

    private let client: OpaquePointer
    private let cluster: OpaquePointer

    init(brokers: Int32 = 1) throws {
        let configuration = try #require(rd_kafka_conf_new())
        rd_kafka_conf_set(configuration, "log_level", "0", nil, 0)
        let client = try #require(rd_kafka_new(RD_KAFKA_PRODUCER, configuration, nil, 0))
        self.client = client
        cluster = try #require(rd_kafka_mock_cluster_new(client, brokers))
    }

    deinit {
        rd_kafka_mock_cluster_destroy(cluster)
        rd_kafka_destroy(client)
    }

    var bootstrap: [String] {
        String(cString: rd_kafka_mock_cluster_bootstraps(cluster)).split(separator: ",").map(String.init)
    }

    func create(_ topic: String, partitions: Int32 = 1) throws {
        #expect(rd_kafka_mock_topic_create(cluster, topic, partitions, 1) == RD_KAFKA_RESP_ERR_NO_ERROR)
    }

    /// The next requests of this kind are answered with these errors, one each.
    func fail(_ request: Request, with errors: [rd_kafka_resp_err_t]) {
        rd_kafka_mock_push_request_errors_array(cluster, request.rawValue, errors.count, errors)
    }

    /// Metadata says this of the topic.
    func set(_ error: rd_kafka_resp_err_t, on topic: String) {
        rd_kafka_mock_topic_set_error(cluster, topic, error)
    }

    /// Closes all connections and refuses new ones.
    func takeDown() { rd_kafka_mock_broker_set_down(cluster, -1) }

    func bringUp() { rd_kafka_mock_broker_set_up(cluster, -1) }

    /// Answers come so much later.
    func setRoundTrip(milliseconds: Int32) { rd_kafka_mock_broker_set_rtt(cluster, -1, milliseconds) }
}
