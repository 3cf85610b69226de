import CRdKafka
import Logging

/// How all clients treat librdkafka's events: log lines go to the logger, errors become `KafkaClientError`, and a cluster
/// that was never reached is given up after a while. The time is a parameter.
struct ClientEvents {
    let logger: Logger
    let whenUnreachable: ClientConfiguration.WhenUnreachable
    /// Every broker was reported down, and until then it may turn out that one is there.
    private var suspicion: (until: ContinuousClock.Instant, error: KafkaClientError)?
    /// What librdkafka last said about a connection that failed.
    private var lastConnectionFailure = ""

    init(configuration: ClientConfiguration, logger: Logger) {
        self.logger = logger
        whenUnreachable = configuration.whenUnreachable
    }

    /// What an error event means for the client.
    enum Outcome {
        /// The client tries again by itself.
        case recovers(KafkaClientError)
        /// No broker can be reached so far: ask `givesUp` again after `Limits.unreachableGrace`.
        case suspects(KafkaClientError)
        /// The client cannot continue.
        case ends(KafkaClientError)
    }

    /// Why to give up now: every broker was reported down, the time of grace is over and none has answered.
    ///
    /// librdkafka makes that report once, when the first of a name's addresses (IPv6 and IPv4, say) has failed.
    mutating func givesUp(_ handle: ClientHandle, now: ContinuousClock.Instant) -> KafkaClientError? {
        guard let suspicion, now >= suspicion.until else { return nil }
        self.suspicion = nil
        return handle.hasMetadata ? nil : suspicion.error
    }

    /// The meaning of an error event. Once a broker has answered, the client survives interruptions also with
    /// `whenUnreachable: .fail`.
    mutating func outcome(
        ofError event: OpaquePointer,
        of handle: ClientHandle,
        doing: String,
        now: ContinuousClock.Instant
    ) -> Outcome {
        var number = rd_kafka_event_error(event)
        var detail = rd_kafka_event_error_string(event).map { String(cString: $0) } ?? ""
        let isFatal = rd_kafka_event_error_is_fatal(event) != 0 || number == RD_KAFKA_RESP_ERR__FATAL
        if isFatal {
            var text = [CChar](repeating: 0, count: Limits.errorTextBytes)
            let cause = rd_kafka_fatal_error(handle.client, &text, text.count)
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
                handle.bootstrap,
                lastConnectionFailure.isEmpty ? detail : lastConnectionFailure
            )
            guard whenUnreachable == .fail, !handle.hasMetadata else { return .recovers(error) }
            suspicion = (now.advanced(by: Limits.unreachableGrace), error)
            return .suspects(error)
        }
        let error = KafkaClientError(number, doing: doing, with: handle, detail: detail, isFatal: isFatal)
        // A wrong password stays wrong: with `.fail` the first refusal is final.
        let isRefused = error.code == .authentication && whenUnreachable == .fail && !handle.hasMetadata
        return isFatal || isRefused ? .ends(error) : .recovers(error)
    }

    /// Logs a log event. librdkafka's text never contains secrets of its configuration.
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

    /// At debug and below: what matters also arrives as an error event.
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
