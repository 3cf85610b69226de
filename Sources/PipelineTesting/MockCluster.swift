package import CRdKafka

/// librdkafka's own mock of a Kafka cluster, on loopback, for one test.
///
/// `@unchecked Sendable`: librdkafka's mock is driven through a queue of its own and safe to call from any thread.
package final class MockCluster: @unchecked Sendable {
    /// Requests by their number in the Kafka protocol.
    package enum Request: Int16 {
        case produce = 0
        case fetch = 1
        case offsetCommit = 8
    }

    /// How long the mock may take to answer: long enough for a machine that is busy with other tests.
    private static let answerTimeoutMilliseconds: Int32 = 60_000

    private let client: OpaquePointer
    private let cluster: OpaquePointer

    /// - Throws: `MockClusterError` where librdkafka makes no client or no cluster.
    package init(brokers: Int32 = 1) throws(MockClusterError) {
        guard let configuration = rd_kafka_conf_new() else { throw MockClusterError("librdkafka has no memory left") }
        rd_kafka_conf_set(configuration, "log_level", "0", nil, 0)
        guard let client = rd_kafka_new(RD_KAFKA_PRODUCER, configuration, nil, 0) else {
            rd_kafka_conf_destroy(configuration)
            throw MockClusterError("librdkafka makes no client for its mock of a cluster")
        }
        guard let cluster = rd_kafka_mock_cluster_new(client, brokers) else {
            rd_kafka_destroy(client)
            throw MockClusterError("librdkafka makes no mock of a cluster with \(brokers) brokers")
        }
        self.client = client
        self.cluster = cluster
        rd_kafka_brokers_add(client, rd_kafka_mock_cluster_bootstraps(cluster))
    }

    deinit {
        rd_kafka_mock_cluster_destroy(cluster)
        rd_kafka_destroy(client)
    }

    /// The addresses of its brokers, each as `host:port`.
    package var bootstrap: [String] {
        String(cString: rd_kafka_mock_cluster_bootstraps(cluster)).split(separator: ",").map(String.init)
    }

    /// - Throws: `MockClusterError` where the topic exists.
    package func create(_ topic: String, partitions: Int32 = 1) throws(MockClusterError) {
        try Self.check(rd_kafka_mock_topic_create(cluster, topic, partitions, 1), "create the topic '\(topic)'")
    }

    /// The next requests of this kind are answered with these errors, one each.
    package func fail(_ request: Request, with errors: [rd_kafka_resp_err_t]) {
        rd_kafka_mock_push_request_errors_array(cluster, request.rawValue, errors.count, errors)
    }

    /// Sets the error of the topic in metadata.
    package func set(_ error: rd_kafka_resp_err_t, on topic: String) {
        rd_kafka_mock_topic_set_error(cluster, topic, error)
    }

    /// Closes all connections and refuses new ones.
    package func takeDown() { rd_kafka_mock_broker_set_down(cluster, -1) }

    /// Answers come so much later.
    package func setRoundTrip(milliseconds: Int32) { rd_kafka_mock_broker_set_rtt(cluster, -1, milliseconds) }

    /// How many records each partition of a topic has.
    ///
    /// - Throws: `MockClusterError` where the mock does not answer.
    package func recordCounts(of topic: String, partitions: Int32) throws(MockClusterError) -> [Int] {
        var counts: [Int] = []
        for partition in 0..<partitions {
            var low: Int64 = -1
            var high: Int64 = -1
            let timeout = Self.answerTimeoutMilliseconds
            let number = rd_kafka_query_watermark_offsets(client, topic, partition, &low, &high, timeout)
            try Self.check(number, "count the records of \(topic)-\(partition)")
            counts.append(Int(high - low))
        }
        return counts
    }

    private static func check(_ number: rd_kafka_resp_err_t, _ doing: String) throws(MockClusterError) {
        guard number != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
        throw MockClusterError("the mock of a cluster cannot \(doing): \(String(cString: rd_kafka_err2str(number)))")
    }
}

/// What librdkafka's mock of a cluster refused to do.
package struct MockClusterError: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}
