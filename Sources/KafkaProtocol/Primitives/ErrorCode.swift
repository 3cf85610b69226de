/// An error code of Kafka. Those that are used here have constants; any other keeps its number.
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
    /// The server failed; the request did not cause it.
    package static let unknownServerError = ErrorCode(rawValue: -1)
    /// All is well.
    package static let none = ErrorCode(rawValue: 0)
    /// The offset is before the start or beyond the end of the log.
    package static let offsetOutOfRange = ErrorCode(rawValue: 1)
    /// A record batch does not have the bytes that its CRC-32C was computed of, or is malformed.
    package static let corruptMessage = ErrorCode(rawValue: 2)
    /// The topic or the partition does not exist.
    package static let unknownTopicOrPartition = ErrorCode(rawValue: 3)
    /// The topic is being created; the client retries.
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
    /// `acks` is not -1, 0 or 1.
    package static let invalidRequiredAcks = ErrorCode(rawValue: 21)
    /// The generation of the group has ended.
    package static let illegalGeneration = ErrorCode(rawValue: 22)
    /// The member has no protocol in common with the group.
    package static let inconsistentGroupProtocol = ErrorCode(rawValue: 23)
    /// No group can have that id.
    package static let invalidGroupID = ErrorCode(rawValue: 24)
    /// The coordinator does not know the member.
    package static let unknownMemberID = ErrorCode(rawValue: 25)
    /// The coordinator does not allow this session timeout.
    package static let invalidSessionTimeout = ErrorCode(rawValue: 26)
    /// The group is rebalancing: the member must join again.
    package static let rebalanceInProgress = ErrorCode(rawValue: 27)
    /// The offsets of one commit are more than fit into a record batch.
    package static let invalidCommitOffsetSize = ErrorCode(rawValue: 28)
    /// The timestamp of a record is out of the range that the topic accepts.
    package static let invalidTimestamp = ErrorCode(rawValue: 32)
    /// The version of the API is not served.
    package static let unsupportedVersion = ErrorCode(rawValue: 35)
    /// There is a topic with that name.
    package static let topicAlreadyExists = ErrorCode(rawValue: 36)
    /// The number of partitions is below 1 or too large.
    package static let invalidPartitions = ErrorCode(rawValue: 37)
    /// More replicas were asked for than there are nodes.
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
    /// A newer epoch of the producer exists.
    package static let invalidProducerEpoch = ErrorCode(rawValue: 47)
    /// The transactional id may not be used.
    package static let transactionalIDAuthorizationFailed = ErrorCode(rawValue: 53)
    /// The disk failed.
    package static let kafkaStorageError = ErrorCode(rawValue: 56)
    /// The directory of logs is unknown.
    package static let logDirNotFound = ErrorCode(rawValue: 57)
    /// The group has members.
    package static let nonEmptyGroup = ErrorCode(rawValue: 68)
    /// There is no such group.
    package static let groupIDNotFound = ErrorCode(rawValue: 69)
    /// There is no such fetch session.
    package static let fetchSessionIDNotFound = ErrorCode(rawValue: 70)
    /// The request is not the next one of its fetch session.
    package static let invalidFetchSessionEpoch = ErrorCode(rawValue: 71)
    /// The leader epoch of the request has ended.
    package static let fencedLeaderEpoch = ErrorCode(rawValue: 74)
    /// The leader epoch of the request has not begun.
    package static let unknownLeaderEpoch = ErrorCode(rawValue: 75)
    /// The member must join again with the id that this answer gives it.
    package static let memberIDRequired = ErrorCode(rawValue: 79)
    /// The group has as many members as it may have.
    package static let groupMaxSizeReached = ErrorCode(rawValue: 81)
    /// Another member with the same instance id took over.
    package static let fencedInstanceID = ErrorCode(rawValue: 82)
    /// The partition has the leader that it should have.
    package static let electionNotNeeded = ErrorCode(rawValue: 84)
    /// The partition is not being moved.
    package static let noReassignmentInProgress = ErrorCode(rawValue: 85)
    /// The group reads the topic now.
    package static let groupSubscribedToTopic = ErrorCode(rawValue: 86)
    /// A record is malformed.
    package static let invalidRecord = ErrorCode(rawValue: 87)
    /// No topic has that id.
    package static let unknownTopicID = ErrorCode(rawValue: 100)
    /// A fetch session goes on with topics' names where it began with their ids, or the other way round.
    package static let fetchSessionTopicIDError = ErrorCode(rawValue: 106)
    /// The member's epoch is not the one that its group has of it: it gives up its partitions and joins again (KIP-848).
    package static let fencedMemberEpoch = ErrorCode(rawValue: 110)
    /// Another member has that instance id and has not left.
    package static let unreleasedInstanceID = ErrorCode(rawValue: 111)
    /// There is no assignor of that name.
    package static let unsupportedAssignor = ErrorCode(rawValue: 112)
    /// The member's epoch has changed since: the member retries with the one that its next heartbeat brings.
    package static let staleMemberEpoch = ErrorCode(rawValue: 113)
    /// The request is for another kind of node.
    package static let mismatchedEndpointType = ErrorCode(rawValue: 114)
    /// There is no such kind of node.
    package static let unsupportedEndpointType = ErrorCode(rawValue: 115)
    /// A subscription's regular expression is malformed.
    package static let invalidRegularExpression = ErrorCode(rawValue: 128)
}

extension ErrorCode {
    /// Kafka's names of the codes that it had given a meaning up to version 4.0.
    private static let names: [Int16: String] = [
        -1: "UNKNOWN_SERVER_ERROR",
        0: "NONE",
        1: "OFFSET_OUT_OF_RANGE",
        2: "CORRUPT_MESSAGE",
        3: "UNKNOWN_TOPIC_OR_PARTITION",
        4: "INVALID_FETCH_SIZE",
        5: "LEADER_NOT_AVAILABLE",
        6: "NOT_LEADER_OR_FOLLOWER",
        7: "REQUEST_TIMED_OUT",
        8: "BROKER_NOT_AVAILABLE",
        9: "REPLICA_NOT_AVAILABLE",
        10: "MESSAGE_TOO_LARGE",
        11: "STALE_CONTROLLER_EPOCH",
        12: "OFFSET_METADATA_TOO_LARGE",
        13: "NETWORK_EXCEPTION",
        14: "COORDINATOR_LOAD_IN_PROGRESS",
        15: "COORDINATOR_NOT_AVAILABLE",
        16: "NOT_COORDINATOR",
        17: "INVALID_TOPIC_EXCEPTION",
        18: "RECORD_LIST_TOO_LARGE",
        19: "NOT_ENOUGH_REPLICAS",
        20: "NOT_ENOUGH_REPLICAS_AFTER_APPEND",
        21: "INVALID_REQUIRED_ACKS",
        22: "ILLEGAL_GENERATION",
        23: "INCONSISTENT_GROUP_PROTOCOL",
        24: "INVALID_GROUP_ID",
        25: "UNKNOWN_MEMBER_ID",
        26: "INVALID_SESSION_TIMEOUT",
        27: "REBALANCE_IN_PROGRESS",
        28: "INVALID_COMMIT_OFFSET_SIZE",
        29: "TOPIC_AUTHORIZATION_FAILED",
        30: "GROUP_AUTHORIZATION_FAILED",
        31: "CLUSTER_AUTHORIZATION_FAILED",
        32: "INVALID_TIMESTAMP",
        33: "UNSUPPORTED_SASL_MECHANISM",
        34: "ILLEGAL_SASL_STATE",
        35: "UNSUPPORTED_VERSION",
        36: "TOPIC_ALREADY_EXISTS",
        37: "INVALID_PARTITIONS",
        38: "INVALID_REPLICATION_FACTOR",
        39: "INVALID_REPLICA_ASSIGNMENT",
        40: "INVALID_CONFIG",
        41: "NOT_CONTROLLER",
        42: "INVALID_REQUEST",
        43: "UNSUPPORTED_FOR_MESSAGE_FORMAT",
        44: "POLICY_VIOLATION",
        45: "OUT_OF_ORDER_SEQUENCE_NUMBER",
        46: "DUPLICATE_SEQUENCE_NUMBER",
        47: "INVALID_PRODUCER_EPOCH",
        48: "INVALID_TXN_STATE",
        49: "INVALID_PRODUCER_ID_MAPPING",
        50: "INVALID_TRANSACTION_TIMEOUT",
        51: "CONCURRENT_TRANSACTIONS",
        52: "TRANSACTION_COORDINATOR_FENCED",
        53: "TRANSACTIONAL_ID_AUTHORIZATION_FAILED",
        54: "SECURITY_DISABLED",
        55: "OPERATION_NOT_ATTEMPTED",
        56: "KAFKA_STORAGE_ERROR",
        57: "LOG_DIR_NOT_FOUND",
        58: "SASL_AUTHENTICATION_FAILED",
        59: "UNKNOWN_PRODUCER_ID",
        60: "REASSIGNMENT_IN_PROGRESS",
        61: "DELEGATION_TOKEN_AUTH_DISABLED",
        62: "DELEGATION_TOKEN_NOT_FOUND",
        63: "DELEGATION_TOKEN_OWNER_MISMATCH",
        64: "DELEGATION_TOKEN_REQUEST_NOT_ALLOWED",
        65: "DELEGATION_TOKEN_AUTHORIZATION_FAILED",
        66: "DELEGATION_TOKEN_EXPIRED",
        67: "INVALID_PRINCIPAL_TYPE",
        68: "NON_EMPTY_GROUP",
        69: "GROUP_ID_NOT_FOUND",
        70: "FETCH_SESSION_ID_NOT_FOUND",
        71: "INVALID_FETCH_SESSION_EPOCH",
        72: "LISTENER_NOT_FOUND",
        73: "TOPIC_DELETION_DISABLED",
        74: "FENCED_LEADER_EPOCH",
        75: "UNKNOWN_LEADER_EPOCH",
        76: "UNSUPPORTED_COMPRESSION_TYPE",
        77: "STALE_BROKER_EPOCH",
        78: "OFFSET_NOT_AVAILABLE",
        79: "MEMBER_ID_REQUIRED",
        80: "PREFERRED_LEADER_NOT_AVAILABLE",
        81: "GROUP_MAX_SIZE_REACHED",
        82: "FENCED_INSTANCE_ID",
        83: "ELIGIBLE_LEADERS_NOT_AVAILABLE",
        84: "ELECTION_NOT_NEEDED",
        85: "NO_REASSIGNMENT_IN_PROGRESS",
        86: "GROUP_SUBSCRIBED_TO_TOPIC",
        87: "INVALID_RECORD",
        88: "UNSTABLE_OFFSET_COMMIT",
        89: "THROTTLING_QUOTA_EXCEEDED",
        90: "PRODUCER_FENCED",
        91: "RESOURCE_NOT_FOUND",
        92: "DUPLICATE_RESOURCE",
        93: "UNACCEPTABLE_CREDENTIAL",
        94: "INCONSISTENT_VOTER_SET",
        95: "INVALID_UPDATE_VERSION",
        96: "FEATURE_UPDATE_FAILED",
        97: "PRINCIPAL_DESERIALIZATION_FAILURE",
        98: "SNAPSHOT_NOT_FOUND",
        99: "POSITION_OUT_OF_RANGE",
        100: "UNKNOWN_TOPIC_ID",
        101: "DUPLICATE_BROKER_REGISTRATION",
        102: "BROKER_ID_NOT_REGISTERED",
        103: "INCONSISTENT_TOPIC_ID",
        104: "INCONSISTENT_CLUSTER_ID",
        105: "TRANSACTIONAL_ID_NOT_FOUND",
        106: "FETCH_SESSION_TOPIC_ID_ERROR",
        107: "INELIGIBLE_REPLICA",
        108: "NEW_LEADER_ELECTED",
        109: "OFFSET_MOVED_TO_TIERED_STORAGE",
        110: "FENCED_MEMBER_EPOCH",
        111: "UNRELEASED_INSTANCE_ID",
        112: "UNSUPPORTED_ASSIGNOR",
        113: "STALE_MEMBER_EPOCH",
        114: "MISMATCHED_ENDPOINT_TYPE",
        115: "UNSUPPORTED_ENDPOINT_TYPE",
        116: "UNKNOWN_CONTROLLER_ID",
        117: "UNKNOWN_SUBSCRIPTION_ID",
        118: "TELEMETRY_TOO_LARGE",
        119: "INVALID_REGISTRATION",
        120: "TRANSACTION_ABORTABLE",
        121: "INVALID_RECORD_STATE",
        122: "SHARE_SESSION_NOT_FOUND",
        123: "INVALID_SHARE_SESSION_EPOCH",
        124: "FENCED_STATE_EPOCH",
        125: "INVALID_VOTER_KEY",
        126: "DUPLICATE_VOTER",
        127: "VOTER_NOT_FOUND",
        128: "INVALID_REGULAR_EXPRESSION",
        129: "REBOOTSTRAP_REQUIRED",
    ]
}
