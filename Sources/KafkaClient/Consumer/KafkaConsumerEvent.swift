package import KafkaTopics

/// What a consumer tells its receiver, one after the other.
///
/// An event is finished when the receiver asks for the next one: until then a rebalance waits.
package enum KafkaConsumerEvent: Sendable {
    /// Consecutive records of one partition, lent from librdkafka's memory.
    case batch(ConsumedBatch)
    /// The partitions are this member's now. Before it asks for the next event the receiver may say where each starts
    /// (`KafkaConsumer.start(_:at:)`); otherwise the committed offset counts.
    case assigned([TopicPartition])
    /// The partitions go to others once the receiver asks for the next event: finish and commit them first.
    case revoked([TopicPartition])
    /// The partitions are someone else's already: drop what is unfinished, commits would be refused.
    case lost([TopicPartition])
    /// Everything that was in the partition is read; the offset is that of the next record to come.
    case endOfPartition(TopicPartition, offset: Int64)
    /// The answer to `beginCommit`: the group has these offsets, or why it has not taken them.
    case committed([TopicPartition: Int64], KafkaClientError?)
    /// Something went wrong that the consumer rides out, with the partition where it is about one.
    case failed(KafkaClientError)
}
