package import ConnectAPI
package import KafkaTopics

/// What the runner has to do next, in order. `SinkTaskStateMachine` decides it, `SinkTaskDriver` does it.
package enum SinkTaskAction: Hashable, Sendable {
    /// Ask the task to take partitions over, and find out where they begin.
    case open([TopicPartition])
    /// Tell the task that the records of `offsets` are gone.
    case reportLoss(TopicPartition, offsets: Range<Int64>)
    /// Read partitions from these offsets on.
    case resume([TopicPartition: Int64])
    /// Read nothing more of partitions until they are resumed.
    case pause([TopicPartition])
    /// Ask the task to give partitions up.
    case close([TopicPartition], CloseReason)
    /// Commit these offsets to the consumer group.
    case commit([TopicPartition: Int64])
}
