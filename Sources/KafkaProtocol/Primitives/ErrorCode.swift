/// The outcome of a request on the wire: Kafka's own numbers. Those that are sent or looked for here
/// have constants; any other keeps its number.
///
/// Source: the Kafka protocol guide, "Error Codes".
package struct ErrorCode: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The number on the wire.
    package let rawValue: Int16

    package init(rawValue: Int16) { self.rawValue = rawValue }

    /// Kafka's name of the code, for logs and people; the number where the table has no name.
    package var description: String { Self.names[rawValue] ?? "ERROR_\(rawValue)" }
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
    /// The topic is being made; the client asks again.
    package static let leaderNotAvailable = ErrorCode(rawValue: 5)
    /// The node does not lead the partition.
    package static let notLeaderOrFollower = ErrorCode(rawValue: 6)
    /// A record batch is larger than the topic takes.
    package static let messageTooLarge = ErrorCode(rawValue: 10)
    /// The text committed with an offset is too long.
    package static let offsetMetadataTooLarge = ErrorCode(rawValue: 12)
    /// The coordinator cannot serve now.
    package static let coordinatorNotAvailable = ErrorCode(rawValue: 15)
    /// The node does not coordinate the group.
    package static let notCoordinator = ErrorCode(rawValue: 16)
    /// No topic can have that name.
    package static let invalidTopic = ErrorCode(rawValue: 17)
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
    /// The request contradicts itself or is malformed.
    package static let invalidRequest = ErrorCode(rawValue: 42)
    /// The format of the records is not accepted.
    package static let unsupportedForMessageFormat = ErrorCode(rawValue: 43)
    /// A rule of the server forbids it.
    package static let policyViolation = ErrorCode(rawValue: 44)
    /// The sequence number is not the next one of that producer.
    package static let outOfOrderSequence = ErrorCode(rawValue: 45)
    /// A newer epoch of the producer is at work.
    package static let invalidProducerEpoch = ErrorCode(rawValue: 47)
    /// The transactional id may not be used.
    package static let transactionalIDAuthorizationFailed = ErrorCode(rawValue: 53)
    /// The disk failed.
    package static let kafkaStorageError = ErrorCode(rawValue: 56)
    /// There is no such fetch session.
    package static let fetchSessionIDNotFound = ErrorCode(rawValue: 70)
    /// The leader epoch of the request is over.
    package static let fencedLeaderEpoch = ErrorCode(rawValue: 74)
    /// The leader epoch of the request has not begun.
    package static let unknownLeaderEpoch = ErrorCode(rawValue: 75)
    /// The member must join again with the id that this answer gives it.
    package static let memberIDRequired = ErrorCode(rawValue: 79)
    /// The group has as many members as it may have.
    package static let groupMaxSizeReached = ErrorCode(rawValue: 81)
    /// Another member with the same instance id took over.
    package static let fencedInstanceID = ErrorCode(rawValue: 82)
    /// A record is malformed.
    package static let invalidRecord = ErrorCode(rawValue: 87)
}
