/// The outcome of a request on the wire: Kafka's own numbers. The table is frozen; a code that is not in it (a peer may be
/// newer) keeps its number.
///
/// Source: the Kafka protocol guide, "Error Codes".
package struct ErrorCode: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The number on the wire.
    package let rawValue: Int16

    package init(rawValue: Int16) { self.rawValue = rawValue }

    /// Whether the same request can succeed later, with nothing changed but time.
    package var isRetriable: Bool { Self.retriable.contains(rawValue) }

    /// Kafka's name of the code, for logs and people; the number where the table has no name.
    package var description: String { Self.names[rawValue] ?? "ERROR_\(rawValue)" }

    private static let retriable: Set<Int16> = [
        2, 3, 5, 6, 7, 9, 13, 14, 15, 16, 19, 20, 41, 51, 56, 70, 71, 72, 74, 75, 78, 80, 83, 88, 89, 100, 103,
    ]
}

extension ErrorCode {
    /// Something went wrong here that the request did not cause.
    package static let unknownServerError = ErrorCode(rawValue: -1)
    /// All is well.
    package static let none = ErrorCode(rawValue: 0)
    /// The offset is before the start or beyond the end of the log.
    package static let offsetOutOfRange = ErrorCode(rawValue: 1)
    /// A record batch does not have the bytes that its CRC-32C was computed of, or is malformed.
    package static let corruptMessage = ErrorCode(rawValue: 2)
    /// The topic or the partition does not exist.
    package static let unknownTopicOrPartition = ErrorCode(rawValue: 3)
    /// A fetch asks for a negative number of bytes.
    package static let invalidFetchSize = ErrorCode(rawValue: 4)
    /// The partition has no leader now; it will have one.
    package static let leaderNotAvailable = ErrorCode(rawValue: 5)
    /// The node does not lead the partition.
    package static let notLeaderOrFollower = ErrorCode(rawValue: 6)
    /// The time that the request gave was over.
    package static let requestTimedOut = ErrorCode(rawValue: 7)
    /// A record batch is larger than the topic takes.
    package static let messageTooLarge = ErrorCode(rawValue: 10)
    /// The text committed with an offset is too long.
    package static let offsetMetadataTooLarge = ErrorCode(rawValue: 12)
    /// The coordinator still reads its groups.
    package static let coordinatorLoadInProgress = ErrorCode(rawValue: 14)
    /// The coordinator cannot serve now.
    package static let coordinatorNotAvailable = ErrorCode(rawValue: 15)
    /// The node does not coordinate the group.
    package static let notCoordinator = ErrorCode(rawValue: 16)
    /// No topic can have that name.
    package static let invalidTopic = ErrorCode(rawValue: 17)
    /// A batch does not fit into a segment.
    package static let recordListTooLarge = ErrorCode(rawValue: 18)
    /// `acks` is none of -1, 0 and 1.
    package static let invalidRequiredAcks = ErrorCode(rawValue: 21)
    /// The generation of the group is over.
    package static let illegalGeneration = ErrorCode(rawValue: 22)
    /// The member has no protocol in common with the group.
    package static let inconsistentGroupProtocol = ErrorCode(rawValue: 23)
    /// No group can have that id.
    package static let invalidGroupID = ErrorCode(rawValue: 24)
    /// The coordinator does not know the member.
    package static let unknownMemberID = ErrorCode(rawValue: 25)
    /// The session time-out is not one that the coordinator allows.
    package static let invalidSessionTimeout = ErrorCode(rawValue: 26)
    /// The group is rebalancing: the member must join again.
    package static let rebalanceInProgress = ErrorCode(rawValue: 27)
    /// The committed offsets are too large.
    package static let invalidCommitOffsetSize = ErrorCode(rawValue: 28)
    /// The version of the API is not served.
    package static let unsupportedVersion = ErrorCode(rawValue: 35)
    /// There is a topic with that name.
    package static let topicAlreadyExists = ErrorCode(rawValue: 36)
    /// The number of partitions is below 1 or too large.
    package static let invalidPartitions = ErrorCode(rawValue: 37)
    /// There are fewer nodes than replicas asked for.
    package static let invalidReplicationFactor = ErrorCode(rawValue: 38)
    /// The assignment of replicas cannot be made.
    package static let invalidReplicaAssignment = ErrorCode(rawValue: 39)
    /// A configuration entry is not valid.
    package static let invalidConfig = ErrorCode(rawValue: 40)
    /// The node is not the controller.
    package static let notController = ErrorCode(rawValue: 41)
    /// The request contradicts itself or is malformed.
    package static let invalidRequest = ErrorCode(rawValue: 42)
    /// The format of the records is not accepted.
    package static let unsupportedForMessageFormat = ErrorCode(rawValue: 43)
    /// A rule of the server forbids it.
    package static let policyViolation = ErrorCode(rawValue: 44)
    /// The sequence number is not the next one of that producer.
    package static let outOfOrderSequence = ErrorCode(rawValue: 45)
    /// The batch with that sequence number is there, no longer at the end of what is remembered.
    package static let duplicateSequence = ErrorCode(rawValue: 46)
    /// A newer epoch of the producer is at work.
    package static let invalidProducerEpoch = ErrorCode(rawValue: 47)
    /// The transaction is not in a state that allows it.
    package static let invalidTransactionState = ErrorCode(rawValue: 48)
    /// The producer id is not that of the transactional id.
    package static let invalidProducerIDMapping = ErrorCode(rawValue: 49)
    /// The time-out of the transaction is too long.
    package static let invalidTransactionTimeout = ErrorCode(rawValue: 50)
    /// The transactional id may not be used.
    package static let transactionalIDAuthorizationFailed = ErrorCode(rawValue: 53)
    /// The disk failed.
    package static let kafkaStorageError = ErrorCode(rawValue: 56)
    /// Nothing is known of the producer id.
    package static let unknownProducerID = ErrorCode(rawValue: 59)
    /// The group still has members.
    package static let nonEmptyGroup = ErrorCode(rawValue: 68)
    /// There is no such group.
    package static let groupIDNotFound = ErrorCode(rawValue: 69)
    /// There is no such fetch session.
    package static let fetchSessionIDNotFound = ErrorCode(rawValue: 70)
    /// The fetch session is at another epoch.
    package static let invalidFetchSessionEpoch = ErrorCode(rawValue: 71)
    /// Topics cannot be deleted here.
    package static let topicDeletionDisabled = ErrorCode(rawValue: 73)
    /// The leader epoch of the request is over.
    package static let fencedLeaderEpoch = ErrorCode(rawValue: 74)
    /// The leader epoch of the request has not begun.
    package static let unknownLeaderEpoch = ErrorCode(rawValue: 75)
    /// The client cannot read the compression of the partition.
    package static let unsupportedCompressionType = ErrorCode(rawValue: 76)
    /// The offset is not known yet.
    package static let offsetNotAvailable = ErrorCode(rawValue: 78)
    /// The member must join again with the id that this answer gives it.
    package static let memberIDRequired = ErrorCode(rawValue: 79)
    /// The group has as many members as it may have.
    package static let groupMaxSizeReached = ErrorCode(rawValue: 81)
    /// Another member with the same instance id took over.
    package static let fencedInstanceID = ErrorCode(rawValue: 82)
    /// A record is malformed.
    package static let invalidRecord = ErrorCode(rawValue: 87)
    /// The quota is used up.
    package static let throttlingQuotaExceeded = ErrorCode(rawValue: 89)
    /// What the request names does not exist.
    package static let resourceNotFound = ErrorCode(rawValue: 91)
    /// The epoch of the member is over.
    package static let staleMemberEpoch = ErrorCode(rawValue: 113)
    /// The transaction must be aborted.
    package static let transactionAbortable = ErrorCode(rawValue: 120)
}
