import CRdKafka
import KafkaTopics

extension KafkaClientError {
    /// The error for librdkafka's `number`.
    ///
    /// - Parameters:
    ///   - number: librdkafka's or the broker's error.
    ///   - doing: what was tried, as the end of "cannot …", for example `"create the topic 'utenti'"`.
    ///   - bootstrap: the addresses the client was given.
    ///   - detail: what librdkafka says beyond the number; it must hold no secret.
    init(
        _ number: rd_kafka_resp_err_t,
        doing: String,
        bootstrap: [String],
        detail: String? = nil,
        topicPartition: TopicPartition? = nil,
        isFatal: Bool = false
    ) {
        let meaning = Meaning(of: number)
        var reason = meaning.reason ?? String(cString: rd_kafka_err2str(number))
        if let detail, !detail.isEmpty, meaning.reason == nil || meaning.wantsDetail {
            reason = meaning.reason.map { "\($0) (\(detail))" } ?? detail
        }
        let place = bootstrap.isEmpty ? "" : " at \(bootstrap.joined(separator: ","))"
        self.init(
            meaning.code,
            "cannot \(doing)\(place): \(reason); \(meaning.advice)",
            underlying: Underlying(number),
            topicPartition: topicPartition,
            isRetriable: meaning.isRetriable && !isFatal,
            isFatal: isFatal || meaning.isFatal
        )
    }

    /// The error in librdkafka's error object, which is destroyed here; `nil` for success.
    init?(taking error: OpaquePointer?, doing: String, bootstrap: [String]) {
        guard let error else { return nil }
        defer { rd_kafka_error_destroy(error) }
        self.init(
            rd_kafka_error_code(error),
            doing: doing,
            bootstrap: bootstrap,
            detail: String(cString: rd_kafka_error_string(error)),
            isFatal: rd_kafka_error_is_fatal(error) != 0
        )
    }

    static func closed(_ doing: String) -> KafkaClientError {
        KafkaClientError(.closed, "cannot \(doing): the client has been shut down; make a new one", isFatal: true)
    }

    static func cancelled(_ doing: String, _ consequence: String) -> KafkaClientError {
        KafkaClientError(.cancelled, "stopped waiting to \(doing): the task was cancelled; \(consequence)")
    }

    static func brokersUnreachable(_ bootstrap: [String], _ detail: String) -> KafkaClientError {
        let place = bootstrap.joined(separator: ",")
        return KafkaClientError(
            .brokersUnreachable,
            "cannot reach any Kafka broker at \(place): \(detail); "
                + "check the address and that the broker runs and listens there",
            underlying: Underlying(RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN),
            isRetriable: true
        )
    }
}
