import CRdKafka
import Logging

/// What all clients do alike with librdkafka's events: log lines go to the logger, errors become ours, and a cluster that
/// was never reached is given up after a while. Pure but for the logger: time comes as a parameter.
struct ClientEvents {
    let logger: Logger
    let bootstrap: [String]
    let whenUnreachable: ClientConfiguration.WhenUnreachable
    /// Every broker was reported down, and until then it may turn out that one is there.
    private var suspicion: (until: ContinuousClock.Instant, error: KafkaClientError)?
    private var isReached = false
    /// What librdkafka last said about a connection that failed.
    private var lastConnectionFailure = ""

    init(configuration: ClientConfiguration, logger: Logger) {
        self.logger = logger
        bootstrap = configuration.bootstrap
        whenUnreachable = configuration.whenUnreachable
    }

    /// What an error event means for the client.
    enum Verdict {
        /// The client tries on; whoever watches it may want to know.
        case goesOn(KafkaClientError)
        /// No broker can be reached so far: ask `givesUp` again after `Limits.unreachableGrace`.
        case suspects(KafkaClientError)
        /// The client cannot go on.
        case over(KafkaClientError)
    }

    /// A broker has answered: from now on `whenUnreachable: .fail` rides out interruptions.
    mutating func reached() {
        isReached = true
        suspicion = nil
    }

    /// Why to give up now: every broker was reported down, the time of grace is over and none has answered.
    ///
    /// librdkafka makes that report once, when the first of a name's addresses (IPv6 and IPv4, say) has failed.
    mutating func givesUp(now: ContinuousClock.Instant, hasMetadata: () -> Bool) -> KafkaClientError? {
        guard let suspicion, now >= suspicion.until else { return nil }
        self.suspicion = nil
        if hasMetadata() {
            isReached = true
            return nil
        }
        return suspicion.error
    }

    /// The meaning of an error event of `client`.
    mutating func verdict(
        onError event: OpaquePointer,
        of client: OpaquePointer,
        doing: String,
        now: ContinuousClock.Instant
    ) -> Verdict {
        var number = rd_kafka_event_error(event)
        var detail = rd_kafka_event_error_string(event).map { String(cString: $0) } ?? ""
        let isFatal = rd_kafka_event_error_is_fatal(event) != 0 || number == RD_KAFKA_RESP_ERR__FATAL
        if isFatal {
            var text = [CChar](repeating: 0, count: Limits.errorTextBytes)
            let cause = rd_kafka_fatal_error(client, &text, text.count)
            if cause != RD_KAFKA_RESP_ERR_NO_ERROR {
                number = cause
                detail = String(rdkafkaText: text)
            }
        }
        if number == RD_KAFKA_RESP_ERR__TRANSPORT || number == RD_KAFKA_RESP_ERR__RESOLVE {
            lastConnectionFailure = detail
        }
        if number == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN {
            let error = KafkaClientError.brokersUnreachable(
                bootstrap,
                lastConnectionFailure.isEmpty ? detail : lastConnectionFailure
            )
            guard whenUnreachable == .fail, !isReached else { return .goesOn(error) }
            suspicion = (now.advanced(by: Limits.unreachableGrace), error)
            return .suspects(error)
        }
        let error = KafkaClientError(number, doing: doing, bootstrap: bootstrap, detail: detail, isFatal: isFatal)
        // Nobody mends a password while we wait: with `.fail` the first refusal is enough.
        let isRefused = error.code == .authentication && whenUnreachable == .fail && !isReached
        return isFatal || isRefused ? .over(error) : .goesOn(error)
    }

    /// Hands a log event on. librdkafka's own text never holds the secrets of its configuration.
    func log(_ event: OpaquePointer) {
        var facility: UnsafePointer<CChar>?
        var text: UnsafePointer<CChar>?
        var level: Int32 = 0
        guard rd_kafka_event_log(event, &facility, &text, &level) == 0, let text else { return }
        logger.log(
            level: Self.level(ofSyslog: level),
            "librdkafka says",
            metadata: [
                LogKeys.facility: "\(facility.map { String(cString: $0) } ?? "")",
                LogKeys.text: "\(String(cString: text))",
            ]
        )
    }

    /// A library logs at debug and below: what matters of it reaches the application as an error event as well.
    private static func level(ofSyslog level: Int32) -> Logger.Level {
        level <= 6 ? .debug : .trace
    }
}

/// The keys of this module's log metadata.
enum LogKeys {
    static let facility = "kafka.client.facility"
    static let text = "kafka.client.text"
    static let error = "kafka.client.error"
    static let records = "kafka.client.records"
    static let partitions = "kafka.client.partitions"
}
