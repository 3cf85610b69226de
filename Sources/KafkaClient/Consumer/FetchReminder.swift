import CRdKafka
import Dispatch
import KafkaTopics
import Synchronization

/// Wakes librdkafka's threads that fetch, see `FetchPacer`.
///
/// librdkafka has no call for that. A question for the end offsets of the partitions goes through the very threads of
/// their leaders, which look at their queues again then. From librdkafka 2.2 on `fetch.queue.backoff.ms` does it.
final class FetchReminder: Sendable {
    private let handle: ClientHandle
    /// The questions wait for their answers on a thread of their own: a commit must not wait for them, nor they for it.
    private let queue = DispatchQueue(label: "hera.kafka-client.fetch")
    private enum State {
        case idle
        case underWay
        /// One more is due: the one under way woke the threads before the queue was full again.
        case underWayAndDue(Set<TopicPartition>)
    }
    private let state = Mutex(State.idle)

    init(_ handle: ClientHandle) {
        self.handle = handle
    }

    /// Whether this librdkafka needs reminders.
    static let isNeeded = rd_kafka_version() < 0x0202_0000

    /// Makes the leaders' threads look whether there is room, one reminder at a time.
    func remind(_ partitions: Set<TopicPartition>) {
        guard !partitions.isEmpty else { return }
        let isFirst = state.withLock { state -> Bool in
            guard case .idle = state else {
                state = .underWayAndDue(partitions)
                return false
            }
            state = .underWay
            return true
        }
        if isFirst { queue.async { [self] in ask(partitions) } }
    }

    private func ask(_ partitions: Set<TopicPartition>) {
        let timestamp = OffsetQuery.latest.timestamp
        let list = TopicPartitionList(Dictionary(partitions.map { ($0, timestamp) }) { first, _ in first })
        // The answer is of no interest; where none comes, fetching has its own troubles and says so.
        _ = rd_kafka_offsets_for_times(handle.client, list.list, Limits.reminderTimeoutMilliseconds)
        let due = state.withLock { state -> Set<TopicPartition>? in
            guard case .underWayAndDue(let due) = state else {
                state = .idle
                return nil
            }
            state = .underWay
            return due
        }
        if let due { queue.async { [self] in ask(due) } }
    }
}
