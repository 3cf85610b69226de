import CRdKafka
import KafkaTopics

/// The queues of a consumer beside librdkafka's own: records go past the events, so that neither waits for the other
/// and a rebalance never hides between records.
///
/// `@unchecked Sendable`: librdkafka's queues are safe to use from any thread, and the fields are constant.
final class ConsumerQueues: @unchecked Sendable {
    /// Records, ends of partitions and errors of partitions.
    let messages: OpaquePointer
    /// The last rebalance, while the consumer is being closed.
    let closing: OpaquePointer
    /// Answers to commits that nobody waits for.
    let commits: OpaquePointer
    private let handle: ClientHandle

    init(_ handle: ClientHandle) throws(KafkaClientError) {
        guard let messages = rd_kafka_queue_new(handle.client), let closing = rd_kafka_queue_new(handle.client),
            let commits = rd_kafka_queue_new(handle.client)
        else {
            throw KafkaClientError(.refused, "cannot make a Kafka consumer: librdkafka gives no queue")
        }
        self.messages = messages
        self.closing = closing
        self.commits = commits
        self.handle = handle
        handle.watch(messages)
        handle.watch(closing)
        handle.watch(commits)
    }

    /// Records of these partitions arrive in `messages` from now on; to be called before they are assigned.
    func redirect(_ partitions: some Sequence<TopicPartition>) {
        for partition in partitions {
            let queue = rd_kafka_queue_get_partition(handle.client, partition.topic, partition.partition)
            guard let queue else { continue }
            rd_kafka_queue_forward(queue, messages)
            rd_kafka_queue_destroy(queue)
        }
    }

    deinit {
        handle.unwatch(messages)
        handle.unwatch(closing)
        handle.unwatch(commits)
        rd_kafka_queue_destroy(messages)
        rd_kafka_queue_destroy(closing)
        rd_kafka_queue_destroy(commits)
    }
}
