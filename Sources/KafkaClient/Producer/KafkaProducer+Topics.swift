import CRdKafka

extension KafkaProducer {
    /// How many partitions each topic of the cluster has; creates none.
    ///
    /// - Throws: the cluster cannot be reached, or does not let us ask.
    package func partitionCounts() async throws(KafkaClientError) -> [String: Int] {
        let doing = "ask for the topics and their partitions"
        return try await handle.calls.run(doing) { [handle] () throws(KafkaClientError) -> [String: Int] in
            var answer: UnsafePointer<rd_kafka_metadata>?
            let number = rd_kafka_metadata(handle.client, 1, nil, &answer, Limits.requestTimeoutMilliseconds)
            // A pointer into librdkafka's answer, which lives until it is destroyed here.
            guard number == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata = answer?.pointee else {
                throw KafkaClientError(number, doing: doing, bootstrap: handle.bootstrap)
            }
            defer { rd_kafka_metadata_destroy(answer) }
            var counts: [String: Int] = [:]
            for topic in UnsafeBufferPointer(start: metadata.topics, count: Int(metadata.topic_cnt))
            where topic.err == RD_KAFKA_RESP_ERR_NO_ERROR {
                counts[String(cString: topic.topic)] = Int(topic.partition_cnt)
            }
            return counts
        }
    }
}
