import CRdKafka
import KafkaTopics

extension ClientHandle {
    /// The whole number that a property of librdkafka's has for this client, whoever set it; `nil`: it is no number.
    func number(_ property: String) -> Int? {
        var text = [CChar](repeating: 0, count: Limits.errorTextBytes)
        var size = text.count
        guard rd_kafka_conf_get(rd_kafka_conf(client), property, &text, &size) == RD_KAFKA_CONF_OK else { return nil }
        return Int(String(rdkafkaText: text))
    }

    /// The error of a call's result; `nil` for success.
    func error(
        _ number: rd_kafka_resp_err_t,
        _ doing: String,
        _ partition: TopicPartition? = nil
    ) -> KafkaClientError? {
        guard number != RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
        return KafkaClientError(number, doing: doing, bootstrap: bootstrap, topicPartition: partition)
    }

    /// Throws where a call has failed.
    func check(
        _ number: rd_kafka_resp_err_t,
        _ doing: String,
        _ partition: TopicPartition? = nil
    ) throws(KafkaClientError) {
        if let error = error(number, doing, partition) { throw error }
    }

    /// The offset of the oldest record of a partition, and the one the next record will get. Blocks.
    func watermarks(of partition: TopicPartition, doing: String) throws(KafkaClientError) -> Range<Int64> {
        var low: Int64 = 0
        var high: Int64 = 0
        let number = rd_kafka_query_watermark_offsets(
            client,
            partition.topic,
            partition.partition,
            &low,
            &high,
            Limits.requestTimeoutMilliseconds
        )
        try check(number, doing, partition)
        return low..<max(low, high)
    }
}
