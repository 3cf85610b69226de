import CRdKafka
package import KafkaTopics

/// What went wrong with a Kafka cluster or on the way to it, and what to do next.
///
/// No description of it ever holds a payload, a password or another secret.
package struct KafkaClientError: Error, Hashable, Sendable {
    /// What kind of failure it is, for code that decides.
    package let code: Code
    /// What failed, where, why, and what to do next, in one sentence.
    package let message: String
    /// What librdkafka or the broker called it; `nil` where the failure is this client's own.
    package let underlying: Underlying?
    /// The partition it is about, where it is about one.
    package let topicPartition: TopicPartition?
    /// Whether the same call may succeed later with nothing changed.
    package let isRetriable: Bool
    /// Whether this client cannot continue, and a new one is needed.
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

extension KafkaClientError {
    /// The kind of a failure.
    package struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Value: String {
            case alreadyExists, authentication, authorization, badConfiguration, badRequest, brokersUnreachable
            case cancelled, closed, coordinatorUnavailable, fenced, groupChanged, groupInUse, noOffset
            case notEnoughReplicas
            case offsetOutOfRange, partitionEnd
            case recordTooLarge, refused, timedOut, tooManyUnprocessed, unknownGroup, unknownPartition, unknownTopic,
                unreadable, unsupported
        }

        private let value: Value

        /// What is to be created exists already.
        package static let alreadyExists = Code(value: .alreadyExists)
        /// The broker does not know who we are: user, password, certificate.
        package static let authentication = Code(value: .authentication)
        /// The broker knows who we are and does not let us.
        package static let authorization = Code(value: .authorization)
        /// A property is unknown, or has a value that cannot be.
        package static let badConfiguration = Code(value: .badConfiguration)
        /// The request itself is wrong, for example zero partitions.
        package static let badRequest = Code(value: .badRequest)
        /// No broker could be reached.
        package static let brokersUnreachable = Code(value: .brokersUnreachable)
        /// The task that waited was cancelled, or the client was stopped without waiting.
        package static let cancelled = Code(value: .cancelled)
        /// The client has been shut down.
        package static let closed = Code(value: .closed)
        /// The broker that keeps the consumer group is moving or still loading; the group itself is as it was.
        package static let coordinatorUnavailable = Code(value: .coordinatorUnavailable)
        /// A newer producer or group member has taken our place.
        package static let fenced = Code(value: .fenced)
        /// The consumer group changed while the call was on its way; partitions may be someone else's now.
        package static let groupChanged = Code(value: .groupChanged)
        /// The consumer group has members, and what was asked for needs it to have none.
        package static let groupInUse = Code(value: .groupInUse)
        /// No committed offset, and `auto.offset.reset` forbids to choose one.
        package static let noOffset = Code(value: .noOffset)
        /// Fewer replicas in sync than `min.insync.replicas` asks for.
        package static let notEnoughReplicas = Code(value: .notEnoughReplicas)
        /// The offset is not in the log: retention has deleted it, or it is not written yet.
        package static let offsetOutOfRange = Code(value: .offsetOutOfRange)
        /// The end of the partition is reached: information, not a failure.
        package static let partitionEnd = Code(value: .partitionEnd)
        /// The record, or the batch it is in, is larger than the client or the broker allows.
        package static let recordTooLarge = Code(value: .recordTooLarge)
        /// Anything else that librdkafka or the broker refuses; `underlying` has its name.
        package static let refused = Code(value: .refused)
        /// No answer in the time allowed.
        package static let timedOut = Code(value: .timedOut)
        /// The receiver was silent for longer than `max.poll.interval.ms`: the group took its partitions away.
        package static let tooManyUnprocessed = Code(value: .tooManyUnprocessed)
        /// The cluster has no consumer group of this name.
        package static let unknownGroup = Code(value: .unknownGroup)
        /// The topic has no partition of this number.
        package static let unknownPartition = Code(value: .unknownPartition)
        /// The cluster has no topic of this name.
        package static let unknownTopic = Code(value: .unknownTopic)
        /// Records of the log cannot be read: a batch is damaged, or does not decompress.
        package static let unreadable = Code(value: .unreadable)
        /// The broker cannot do this.
        package static let unsupported = Code(value: .unsupported)

        package var description: String { value.rawValue }
    }
}

extension KafkaClientError {
    /// The error for librdkafka's `number`.
    ///
    /// - Parameters:
    ///   - number: librdkafka's or the broker's error.
    ///   - doing: what was tried, as the end of "cannot …", for example `"create the topic 'utenti'"`.
    ///   - bootstrap: the addresses the client was given.
    ///   - hasMetadata: whether a broker has ever answered the client.
    ///   - detail: what librdkafka says beyond the number; it must hold no secret.
    init(
        _ number: rd_kafka_resp_err_t,
        doing: String,
        bootstrap: [String],
        hasMetadata: Bool,
        detail: String? = nil,
        topicPartition: TopicPartition? = nil,
        isFatal: Bool = false
    ) {
        let meaning = Meaning(of: number, hasMetadata: hasMetadata)
        var reason = meaning.reason ?? String(cString: rd_kafka_err2str(number))
        if let detail, !detail.isEmpty, meaning.reason == nil || meaning.wantsDetail {
            reason = meaning.reason.map { "\($0) (\(detail))" } ?? detail
        }
        let place = bootstrap.isEmpty ? "" : " at \(bootstrap.joined(separator: ","))"
        self.init(
            meaning.code,
            "cannot \(doing)\(place): \(reason); \(Self.advice(meaning.advice, at: bootstrap))",
            underlying: Underlying(number),
            topicPartition: topicPartition,
            isRetriable: meaning.isRetriable && !isFatal,
            isFatal: isFatal || meaning.isFatal
        )
    }

    /// The same advice with the addresses of the cluster in its commands, so that they work as printed.
    static func advice(_ text: String, at bootstrap: [String]) -> String {
        if bootstrap.isEmpty { return text }
        return text.replacing(#/`(hera (?:topics|groups) [^`]+)`/#) {
            "`\($0.1) --bootstrap \(bootstrap.joined(separator: ","))`"
        }
    }

    /// The error for librdkafka's `number` in a call of the client of `handle`.
    init(
        _ number: rd_kafka_resp_err_t,
        doing: String,
        with handle: ClientHandle,
        detail: String? = nil,
        topicPartition: TopicPartition? = nil,
        isFatal: Bool = false
    ) {
        self.init(
            number,
            doing: doing,
            bootstrap: handle.bootstrap,
            hasMetadata: handle.hasMetadata,
            detail: detail,
            topicPartition: topicPartition,
            isFatal: isFatal
        )
    }

    /// The error in librdkafka's error object, which is destroyed here; `nil` for success.
    init?(taking error: OpaquePointer?, doing: String, with handle: ClientHandle) {
        guard let error else { return nil }
        defer { rd_kafka_error_destroy(error) }
        self.init(
            rd_kafka_error_code(error),
            doing: doing,
            with: handle,
            detail: String(cString: rd_kafka_error_string(error)),
            isFatal: rd_kafka_error_is_fatal(error) != 0
        )
    }

    static func closed(_ doing: String) -> KafkaClientError {
        KafkaClientError(.closed, "cannot \(doing): the client has been shut down; make a new one", isFatal: true)
    }

    /// Whether the cluster has answered, and would answer the same again: it was asked in vain, but it was asked.
    var isRefusal: Bool { !isRetriable && !isFatal && ![.cancelled, .authentication].contains(code) }

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
