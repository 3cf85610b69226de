extension KafkaClientError {
    /// The kind of a failure.
    package struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Value: String {
            case alreadyExists, authentication, authorization, badConfiguration, badRequest, brokersUnreachable
            case cancelled, closed, coordinatorUnavailable, fenced, groupChanged, noOffset, notEnoughReplicas
            case offsetOutOfRange, partitionEnd
            case recordTooLarge, refused, timedOut, tooManyUnprocessed, unknownPartition, unknownTopic, unreadable,
                unsupported
        }

        private let value: Value

        /// What is to be created exists already.
        package static let alreadyExists = Code(value: .alreadyExists)
        /// The broker does not know who we are: user, password, certificate.
        package static let authentication = Code(value: .authentication)
        /// The broker knows who we are and does not let us.
        package static let authorization = Code(value: .authorization)
        /// A property is unknown, or has a value that cannot be.
        package static let badConfiguration = Code(value: .badConfiguration)
        /// The request itself is wrong, for example zero partitions.
        package static let badRequest = Code(value: .badRequest)
        /// No broker could be reached.
        package static let brokersUnreachable = Code(value: .brokersUnreachable)
        /// The task that waited was cancelled, or the client was stopped without waiting.
        package static let cancelled = Code(value: .cancelled)
        /// The client has been shut down.
        package static let closed = Code(value: .closed)
        /// The broker that keeps the consumer group is moving or still loading; the group itself is as it was.
        package static let coordinatorUnavailable = Code(value: .coordinatorUnavailable)
        /// A newer producer or group member has taken our place.
        package static let fenced = Code(value: .fenced)
        /// The consumer group changed while the call was on its way; partitions may be someone else's now.
        package static let groupChanged = Code(value: .groupChanged)
        /// No committed offset, and `auto.offset.reset` forbids to choose one.
        package static let noOffset = Code(value: .noOffset)
        /// Fewer replicas in sync than `min.insync.replicas` asks for.
        package static let notEnoughReplicas = Code(value: .notEnoughReplicas)
        /// The offset is not in the log: retention has deleted it, or it is not written yet.
        package static let offsetOutOfRange = Code(value: .offsetOutOfRange)
        /// The end of the partition is reached: information, not a failure.
        package static let partitionEnd = Code(value: .partitionEnd)
        /// The record, or the batch it is in, is larger than the client or the broker allows.
        package static let recordTooLarge = Code(value: .recordTooLarge)
        /// Anything else that librdkafka or the broker refuses; `underlying` has its name.
        package static let refused = Code(value: .refused)
        /// No answer in the time allowed.
        package static let timedOut = Code(value: .timedOut)
        /// The receiver was silent for longer than `max.poll.interval.ms`: the group took its partitions away.
        package static let tooManyUnprocessed = Code(value: .tooManyUnprocessed)
        /// The topic has no partition of this number.
        package static let unknownPartition = Code(value: .unknownPartition)
        /// The cluster has no topic of this name.
        package static let unknownTopic = Code(value: .unknownTopic)
        /// Records of the log cannot be read: a batch is damaged, or does not decompress.
        package static let unreadable = Code(value: .unreadable)
        /// The broker cannot do this.
        package static let unsupported = Code(value: .unsupported)

        package var description: String { value.rawValue }
    }
}
