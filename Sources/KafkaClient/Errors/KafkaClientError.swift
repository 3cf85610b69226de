import CRdKafka
package import KafkaTopics

/// What went wrong with a Kafka cluster or on the way to it, in words for a person: what, where, why, what to do next.
///
/// No description of it ever holds a payload, a password or another secret.
package struct KafkaClientError: Error, Hashable, Sendable {
    /// What kind of failure it is, for code that decides.
    package let code: Code
    /// The whole sentence for a person: what failed, where, why, and what to do next.
    package let message: String
    /// What librdkafka or the broker called it; `nil` where the failure is this client's own.
    package let underlying: Underlying?
    /// The partition it is about, where it is about one.
    package let topicPartition: TopicPartition?
    /// Whether the same call may succeed later with nothing changed.
    package let isRetriable: Bool
    /// Whether this client can do nothing more and has to be made anew.
    package let isFatal: Bool

    package init(
        _ code: Code,
        _ message: String,
        underlying: Underlying? = nil,
        topicPartition: TopicPartition? = nil,
        isRetriable: Bool = false,
        isFatal: Bool = false
    ) {
        self.code = code
        self.message = message
        self.underlying = underlying
        self.topicPartition = topicPartition
        self.isRetriable = isRetriable
        self.isFatal = isFatal
    }

    /// The error as librdkafka names it.
    package struct Underlying: Hashable, Sendable, CustomStringConvertible {
        /// The name in librdkafka and Kafka, for example `NOT_ENOUGH_REPLICAS`.
        package let name: String
        /// The number: negative for librdkafka's own errors, positive for a broker's.
        package let number: Int32

        /// The name and the number of librdkafka's `code`.
        init(_ code: rd_kafka_resp_err_t) {
            name = rd_kafka_err2name(code).map { String(cString: $0) } ?? "UNKNOWN"
            number = code.rawValue
        }

        package var description: String { "\(name) (\(number))" }
    }
}

extension KafkaClientError: CustomStringConvertible {
    package var description: String {
        guard let underlying else { return message }
        return "\(message) [\(underlying)]"
    }
}
