import Community
import GroundTruth
import KafkaClient

extension TruthRecorder.Fate {
    /// What a failed record's error says of its fate. In doubt it may be in the topic: the ground truth must not
    /// claim what nobody knows.
    init(of error: KafkaClientError) {
        let name = error.underlying?.name
        switch error.code {
        // The producer was stopped before it took the record; librdkafka's own name says whether it had been sent.
        case .cancelled, .closed: self = name == nil || name == "_PURGE_QUEUE" ? .rejected : .unresolved
        // The producer gives this up only where no broker was ever reached.
        case .brokersUnreachable: self = name == "_ALL_BROKERS_DOWN" ? .rejected : .unresolved
        // The broker may have written it to its own disk before it found too few replicas.
        case .notEnoughReplicas: self = name == "NOT_ENOUGH_REPLICAS" ? .rejected : .unresolved
        case .refused, .unreadable: self = Self.verdicts.contains(name ?? "") ? .rejected : .unresolved
        case .authentication, .authorization, .badRequest, .recordTooLarge, .unknownPartition, .unknownTopic:
            self = .rejected
        default: self = .unresolved
        }
    }

    /// What a broker answers about a record itself, before it writes anything, and would answer to every retry.
    private static let verdicts: Set<String> = [
        "INVALID_MSG", "INVALID_RECORD", "INVALID_REQUIRED_ACKS", "INVALID_TIMESTAMP", "POLICY_VIOLATION",
    ]
}
