import CommitLog
import KafkaProtocol

extension ErrorCode {
    /// The error code of Kafka for a failure of the log: the only mapping of the two.
    init(_ code: LogError.Code) {
        self =
            switch code {
            case .corruptBatch: .corruptMessage
            case .unsupportedFormat: .unsupportedForMessageFormat
            case .invalidRecord: .invalidRecord
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
