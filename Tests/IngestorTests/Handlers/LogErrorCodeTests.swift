import CommitLog
import KafkaProtocol
import Testing

@testable import Ingestor

/// Every failure of the log has one answer on the wire.
@Suite struct LogErrorCodeTests {
    static let answers: [(LogError.Code, ErrorCode)] = [
        (.corruptBatch, .corruptMessage), (.unsupportedFormat, .unsupportedForMessageFormat),
        (.invalidRecord, .invalidRecord), (.invalidTimestamp, .invalidTimestamp), (.messageTooLarge, .messageTooLarge),
        (.outOfOrderSequence, .outOfOrderSequence), (.invalidProducerEpoch, .invalidProducerEpoch),
        (.offsetOutOfRange, .offsetOutOfRange), (.storageFull, .kafkaStorageError),
        (.storageFailed, .kafkaStorageError), (.damaged, .kafkaStorageError), (.closed, .notLeaderOrFollower),
        (.locked, .unknownServerError), (.topicExists, .topicAlreadyExists),
        (.unknownTopic, .unknownTopicOrPartition), (.invalidTopic, .invalidTopic),
        (.invalidPartitionCount, .invalidPartitions),
        (.limitReached, .policyViolation), (.invalidConfiguration, .invalidConfig),
    ]

    @Test(arguments: answers.indices)
    func failureHasItsCode(index: Int) {
        #expect(ErrorCode(Self.answers[index].0) == Self.answers[index].1)
    }
}
