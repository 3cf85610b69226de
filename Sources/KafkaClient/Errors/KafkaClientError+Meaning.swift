import CRdKafka

extension KafkaClientError {
    /// What a number of librdkafka or of a broker means for us: the one table from numbers to codes and words.
    struct Meaning {
        let code: Code
        /// Why, in plain words; `nil`: librdkafka's own text says it well enough.
        let reason: String?
        let advice: String
        let isRetriable: Bool
        let isFatal: Bool
        /// Whether librdkafka's detail belongs behind the reason.
        let wantsDetail: Bool

        init(
            _ code: Code,
            _ reason: String?,
            _ advice: String,
            isRetriable: Bool = false,
            isFatal: Bool = false,
            wantsDetail: Bool = false
        ) {
            self.code = code
            self.reason = reason
            self.advice = advice
            self.isRetriable = isRetriable
            self.isFatal = isFatal
            self.wantsDetail = wantsDetail
        }

        /// - Parameter hasMetadata: whether a broker has ever answered the client.
        init(of number: rd_kafka_resp_err_t, hasMetadata: Bool) {
            if !hasMetadata, Self.ownTimeouts.contains(number.rawValue) {
                self = Self.unreachable
                return
            }
            self =
                Self.network[number.rawValue] ?? Self.topics[number.rawValue] ?? Self.security[number.rawValue]
                ?? Self.groups[number.rawValue] ?? Self.producing[number.rawValue]
                ?? Meaning(.refused, nil, "see the broker's log for more")
        }

        /// The time-outs that librdkafka counts itself. Which of its errors comes first while no broker can be reached,
        /// one of these or that of the connection, is a matter of time.
        private static let ownTimeouts: Set<Int32> = [
            RD_KAFKA_RESP_ERR__TIMED_OUT.rawValue, RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE.rawValue,
            RD_KAFKA_RESP_ERR__MSG_TIMED_OUT.rawValue,
        ]
        private static let unreachable = Meaning(
            .brokersUnreachable,
            "no broker can be reached",
            "check the address and that the broker runs and listens there",
            isRetriable: true,
            wantsDetail: true
        )
        private static let slow = Meaning(
            .timedOut,
            "no answer came in the time allowed",
            "check that the broker is up and not overloaded, then try again",
            isRetriable: true,
            wantsDetail: true
        )
        private static let damaged = Meaning(
            .unreadable,
            "a batch of records is damaged",
            "see the broker's log; compressed data may have been cut off",
            wantsDetail: true
        )
        private static let movingLeader = Meaning(
            .refused,
            "the partition has no leader at the moment",
            "it is retried while the cluster elects one; check that all brokers run",
            isRetriable: true
        )
        private static let movingCoordinator = Meaning(
            .coordinatorUnavailable,
            "the group's coordinator is moving or still loading",
            "try again in a moment",
            isRetriable: true
        )

        private static let network: [Int32: Meaning] = [
            RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN.rawValue: unreachable,
            RD_KAFKA_RESP_ERR__TRANSPORT.rawValue: unreachable,
            RD_KAFKA_RESP_ERR__RESOLVE.rawValue: unreachable,
            RD_KAFKA_RESP_ERR__TIMED_OUT.rawValue: slow,
            RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE.rawValue: slow,
            RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT.rawValue: slow,
            RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION.rawValue: slow,
            RD_KAFKA_RESP_ERR__MSG_TIMED_OUT.rawValue: Meaning(
                .timedOut,
                "it was not acknowledged within message.timeout.ms, and may or may not have been written",
                "check that the broker is up; with enable.idempotence sending it again by this producer is safe",
                isRetriable: true
            ),
            RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE.rawValue: movingLeader,
            RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION.rawValue: movingLeader,
            RD_KAFKA_RESP_ERR__DESTROY.rawValue: Meaning(
                .closed,
                "the client has been shut down",
                "make a new one",
                isFatal: true
            ),
        ]

        private static let topics: [Int32: Meaning] = [
            RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC.rawValue: unknownTopic,
            RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART.rawValue: unknownTopic,
            RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION.rawValue: Meaning(
                .unknownPartition,
                "the topic has no partition of this number",
                "`hera topics describe NAME` shows the partitions it has"
            ),
            RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS.rawValue: Meaning(
                .alreadyExists,
                "a topic of this name exists already",
                "use it, choose another name, or delete it with `hera topics delete NAME`"
            ),
            RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION.rawValue: Meaning(
                .badRequest,
                nil,
                "use 1 to 249 of the characters a-z A-Z 0-9 . _ -, and differ from other names in more than . and _"
            ),
            RD_KAFKA_RESP_ERR_INVALID_PARTITIONS.rawValue: Meaning(
                .badRequest,
                nil,
                "a topic has 1 partition or more, and can only get more of them",
                wantsDetail: true
            ),
            RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR.rawValue: Meaning(
                .badRequest,
                nil,
                "a topic can have at most as many replicas as there are brokers",
                wantsDetail: true
            ),
            RD_KAFKA_RESP_ERR_INVALID_CONFIG.rawValue: Meaning(
                .badRequest,
                nil,
                "see Kafka's topic configuration for the names and their ranges",
                wantsDetail: true
            ),
            RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE.rawValue: unsupported,
            RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION.rawValue: unsupported,
            RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE.rawValue: outOfRange,
            RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET.rawValue: Meaning(
                .noOffset,
                "there is no offset to start from, and auto.offset.reset forbids to choose one",
                "give a start offset, or set auto.offset.reset to earliest or latest",
                wantsDetail: true
            ),
            RD_KAFKA_RESP_ERR__BAD_MSG.rawValue: damaged,
            RD_KAFKA_RESP_ERR__BAD_COMPRESSION.rawValue: damaged,
            RD_KAFKA_RESP_ERR__UNDERFLOW.rawValue: damaged,
            RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED.rawValue: damaged,
            RD_KAFKA_RESP_ERR_INVALID_MSG.rawValue: damaged,
            RD_KAFKA_RESP_ERR__PARTITION_EOF.rawValue: Meaning(
                .partitionEnd,
                "the end of the partition is reached",
                "more records may come",
                isRetriable: true
            ),
        ]
        private static let unknownTopic = Meaning(
            .unknownTopic,
            "the cluster has no such topic",
            "create it with `hera topics create NAME`, or check the name with `hera topics list`"
        )
        private static let unsupported = Meaning(
            .unsupported,
            "the broker cannot do this",
            "a newer broker is needed",
            wantsDetail: true
        )
        private static let outOfRange = Meaning(
            .offsetOutOfRange,
            "the offset is not in the log: retention deleted it, or it is not written yet",
            "`hera topics describe NAME` shows the offsets there are"
        )

        private static let security: [Int32: Meaning] = {
            let login = Meaning(
                .authentication,
                "the broker did not accept who we are",
                "check security.protocol, sasl.mechanism, user name, password and certificates"
            )
            let rights = Meaning(
                .authorization,
                "the broker does not allow this to the user",
                "ask the administrator of the cluster for the permission"
            )
            return [
                RD_KAFKA_RESP_ERR__AUTHENTICATION.rawValue: login,
                RD_KAFKA_RESP_ERR__SSL.rawValue: login,
                RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED.rawValue: login,
                RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM.rawValue: login,
                RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED.rawValue: rights,
                RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED.rawValue: rights,
                RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED.rawValue: rights,
            ]
        }()

        private static let groups: [Int32: Meaning] = {
            let changed = Meaning(
                .groupChanged,
                "the consumer group has changed, and this member has to join again",
                "the client does so by itself; do not commit for partitions that were taken away",
                isRetriable: true
            )
            return [
                RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS.rawValue: movingCoordinator,
                RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE.rawValue: movingCoordinator,
                RD_KAFKA_RESP_ERR_NOT_COORDINATOR.rawValue: movingCoordinator,
                RD_KAFKA_RESP_ERR__WAIT_COORD.rawValue: movingCoordinator,
                RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS.rawValue: changed,
                RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION.rawValue: changed,
                RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID.rawValue: changed,
                RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST.rawValue: changed,
                RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED.rawValue: Meaning(
                    .tooManyUnprocessed,
                    "the receiver worked on one batch for longer than max.poll.interval.ms, so the group "
                        + "gave its partitions to others",
                    "make batches smaller or raise max.poll.interval.ms"
                ),
                RD_KAFKA_RESP_ERR_NON_EMPTY_GROUP.rawValue: inUse,
                RD_KAFKA_RESP_ERR_GROUP_SUBSCRIBED_TO_TOPIC.rawValue: inUse,
                RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND.rawValue: Meaning(
                    .unknownGroup,
                    "the cluster has no such group",
                    "check the name with `hera groups list`"
                ),
                RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID.rawValue: fenced,
                RD_KAFKA_RESP_ERR__FENCED.rawValue: fenced,
            ]
        }()
        private static let inUse = Meaning(
            .groupInUse,
            "the group has members that read now",
            "stop its consumers first; `hera groups describe NAME` shows them"
        )
        private static let fenced = Meaning(
            .fenced,
            "another client with the same identity has taken over",
            "stop one of the two",
            isFatal: true
        )

        private static let producing: [Int32: Meaning] = {
            let tooLarge = Meaning(
                .recordTooLarge,
                "the record is larger than message.max.bytes of the client or max.message.bytes of the topic",
                "make records smaller, or raise both limits"
            )
            let replicas = Meaning(
                .notEnoughReplicas,
                "fewer replicas are in sync than min.insync.replicas asks for",
                "bring the missing brokers back, then send again",
                isRetriable: true
            )
            let unsent = Meaning(
                .cancelled,
                "the producer was stopped before it was sent: it is not written",
                "send it again"
            )
            let unsure = Meaning(
                .cancelled,
                "the producer was stopped while it was on its way: it may or may not be written",
                "read the partition's end before sending it again"
            )
            return [
                RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE.rawValue: tooLarge,
                RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE.rawValue: tooLarge,
                RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS.rawValue: replicas,
                RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND.rawValue: replicas,
                RD_KAFKA_RESP_ERR__ISR_INSUFF.rawValue: replicas,
                RD_KAFKA_RESP_ERR__PURGE_QUEUE.rawValue: unsent,
                RD_KAFKA_RESP_ERR__PURGE_INFLIGHT.rawValue: unsure,
                RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH.rawValue: fenced,
                RD_KAFKA_RESP_ERR__FATAL.rawValue: Meaning(
                    .refused,
                    nil,
                    "make a new producer",
                    isFatal: true,
                    wantsDetail: true
                ),
            ]
        }()
    }
}
