import CommitLog
import KafkaProtocol

extension PartitionLog {
    /// Kafka's error for a client that knows another leader epoch (KIP-320); `nil` where it knows this one or none.
    func problem(withLeaderEpoch epoch: Int32) -> ErrorCode? {
        let current = leaderEpoch
        if epoch < 0 || epoch == current { return nil }
        return epoch < current ? .fencedLeaderEpoch : .unknownLeaderEpoch
    }
}

extension ErrorCode {
    /// The error code of Kafka for a failure of the log: the only mapping of the two.
    init(_ code: LogError.Code) {
        self =
            switch code {
            case .corruptBatch: .corruptMessage
            case .unsupportedFormat: .unsupportedForMessageFormat
            case .invalidRecord: .invalidRecord
            case .invalidTimestamp: .invalidTimestamp
            case .messageTooLarge: .messageTooLarge
            case .outOfOrderSequence: .outOfOrderSequence
            case .invalidProducerEpoch: .invalidProducerEpoch
            case .offsetOutOfRange: .offsetOutOfRange
            case .storageFull, .storageFailed, .damaged: .kafkaStorageError
            case .closed: .notLeaderOrFollower
            case .locked: .unknownServerError
            case .topicExists: .topicAlreadyExists
            case .unknownTopic: .unknownTopicOrPartition
            case .invalidTopic: .invalidTopic
            case .invalidPartitionCount: .invalidPartitions
            case .limitReached: .policyViolation
            case .invalidConfiguration: .invalidConfig
            }
    }
}
