import CRdKafka
import Community
import Testing

/// librdkafka's own mock of a Kafka cluster, on loopback, with the community's topics.
///
/// `@unchecked Sendable`: librdkafka drives the mock through a queue of its own; its calls are safe from any thread.
final class MockKafka: @unchecked Sendable {
    private let client: OpaquePointer
    private let cluster: OpaquePointer

    init(partitions: Int32 = 2, topics: [CommunityTopic] = CommunityTopic.allCases) throws {
        let configuration = try #require(rd_kafka_conf_new())
        rd_kafka_conf_set(configuration, "log_level", "0", nil, 0)
        client = try #require(rd_kafka_new(RD_KAFKA_PRODUCER, configuration, nil, 0))
        cluster = try #require(rd_kafka_mock_cluster_new(client, 1))
        rd_kafka_brokers_add(client, rd_kafka_mock_cluster_bootstraps(cluster))
        for topic in topics {
            let result = rd_kafka_mock_topic_create(cluster, topic.name, partitions, 1)
            try #require(result == RD_KAFKA_RESP_ERR_NO_ERROR)
        }
    }

    deinit {
        rd_kafka_mock_cluster_destroy(cluster)
        rd_kafka_destroy(client)
    }

    /// The address.
    var bootstrap: [String] { [String(cString: rd_kafka_mock_cluster_bootstraps(cluster))] }

    /// The next `count` requests to write records are refused for `reason`.
    func refuseRecords(_ reason: rd_kafka_resp_err_t, count: Int) {
        let produce: Int16 = 0
        let reasons = Array(repeating: reason, count: count)
        rd_kafka_mock_push_request_errors_array(cluster, produce, count, reasons)
    }

    /// Metadata says that there is no such topic.
    func hide(_ topic: CommunityTopic) {
        rd_kafka_mock_topic_set_error(cluster, topic.name, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
    }

    /// Closes all connections and refuses new ones.
    func takeDown() { rd_kafka_mock_broker_set_down(cluster, -1) }

    /// How many records each partition of a topic has.
    func recordCounts(of topic: CommunityTopic, partitions: Int32 = 2) throws -> [Int] {
        try (0..<partitions).map { partition in
            var low: Int64 = -1
            var high: Int64 = -1
            let result = rd_kafka_query_watermark_offsets(client, topic.name, partition, &low, &high, 10_000)
            try #require(result == RD_KAFKA_RESP_ERR_NO_ERROR, "\(String(cString: rd_kafka_err2str(result)))")
            return Int(high - low)
        }
    }
}
